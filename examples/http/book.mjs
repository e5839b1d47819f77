// Books a room with fetch: node examples/http/book.mjs [URL], with `pesan serve` at URL.
import {randomUUID} from "node:crypto";

const at = `${process.argv[2] ?? "http://127.0.0.1:8080"}/v1`;

async function send(path, body) {
  const headers = {"Content-Type": "application/json", "Idempotency-Key": randomUUID()};
  // The same key again, as often as it takes, has the outcome of the first.
  for (let pause = 200; ; pause *= 2) {
    const answer = await fetch(at + path, {method: "POST", headers, body: JSON.stringify(body)})
      .catch((failed) => { if (pause > 30_000) throw failed; });
    if (answer && ![429, 503, 504].includes(answer.status)) return answer;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
await send("/rooms", {resource: "node-villa", name: "Villa", units: 3, inventory: "nightly"});
const made = await send("/bookings", {
  resource: "node-villa", check_in: day(30), check_out: day(32), customer: {name: "Budi"},
});
if (!made.ok) throw new Error((await made.json()).detail);
const {booking_id: id} = await made.json();
console.log(await (await fetch(`${at}/bookings/${id}`)).text());
