// Prints the example forms of the package @jsonforms/examples as JSON: name, schema and data of each.
const { createRequire } = require('node:module');
const { getExamples } = createRequire(process.argv[2])('@jsonforms/examples');

const byName = new Map();
for (const { name, schema, data } of getExamples()) {
  if (schema) {
    byName.set(name, { name, schema, data });
  }
}
process.stdout.write(JSON.stringify([...byName.values()]));
