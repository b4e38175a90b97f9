// One peer in a process of its own: from nothing to the first verdict, then the steady state.
const begun = performance.now();
const [, , name, count] = process.argv;
const { PEERS } = await import("./peers.js");
const verify = await PEERS[name]();
await verify();
const first = performance.now() - begun;

const repeat = async (times) => {
  for (let time = 0; time < times; time += 1) {
    await verify();
  }
};
// What is compiled late has to be compiled before it is measured: as long for the quick as for the slow.
const WARM = 3000;
for (const warm = performance.now(); performance.now() - warm < WARM; ) {
  await repeat(10);
}
await repeat(Number(count));
const cpu = process.cpuUsage();
const wall = performance.now();
await repeat(Number(count));
const { user, system } = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    first,
    cpu: (user + system) / 1000 / count,
    wall: (performance.now() - wall) / count,
  }),
);
