// Asks each query of its source with Comunica in its defaults, and prints how many rows it found, or the only value.
import {createRequire} from 'node:module';
const {QueryEngine} = createRequire(process.cwd() + '/')('@comunica/query-sparql');
const engine = new QueryEngine();
for (const [source, query] of JSON.parse(process.argv[2])) {
  const rows = await (await engine.queryBindings(query, {sources: [source]})).toArray();
  const only = rows.length === 1 && rows[0].size === 1 ? [...rows[0].values()][0].value : null;
  console.log(only ?? rows.length);
}
