// Asks npm's statuspage.io client, which is given nothing but an address, for all that it knows, and prints it as JSON.
const [modules, address] = process.argv.slice(2);
const { Statuspage } = require(require.resolve('statuspage.io', { paths: [modules] }));

const client = new Statuspage('ours');
client.setApiUrl(address);
const { api } = client;
Promise.all([
  api.getStatus(), api.getSummary(), api.getComponents(),
  api.incidents.getAll(), api.incidents.getUnresolved(), api.scheduledMaintenances.getUpcoming(),
]).then(([status, summary, components, incidents, unresolved, upcoming]) => console.log(JSON.stringify({
  'status.json': status, 'summary.json': summary, 'components.json': components, 'incidents.json': incidents,
  'incidents/unresolved.json': unresolved, 'scheduled-maintenances/upcoming.json': upcoming,
}))).catch(error => { console.error(String(error)); process.exit(1); });
