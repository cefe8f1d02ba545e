"""`/reconcile`: the Reconciliation Service API 0.2 of the W3C community group, for OpenRefine and its like.

`service` carries requests, `questions` reads them, `properties` says what can be asked of an entity.
"""
