"""From a socket to the application and back: processes, event loop, threads, bodies and their bounds."""
