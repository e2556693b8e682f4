import type { Random } from "./random.js";

export interface Visitor {
  readonly userId: string;
  readonly clientId: string;
}

const RETURNING_SHARE = 0.45;
const SECOND_DEVICE_SHARE = 0.3;
/** Older customers are forgotten, so that a stream without end keeps its size. */
const REMEMBERED = 20_000;

/** The shop's customers: some sessions are by new ones, others by ones who were here before, recent ones more often. */
export class Customers {
  readonly #random: Random;
  readonly #known: { readonly userId: string; readonly clientIds: readonly string[] }[] = [];
  #users = 0;
  #clients = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): Visitor {
    const known = this.#known;
    if (known.length > 0 && this.#random.chance(RETURNING_SHARE)) {
      const back = Math.floor(this.#random.exponential(Math.min(known.length, REMEMBERED) / 3));
      const customer = known[(this.#users - 1 - Math.min(back, known.length - 1)) % REMEMBERED];
      if (customer !== undefined) {
        return { userId: customer.userId, clientId: this.#random.pick(customer.clientIds) };
      }
    }
    const devices = this.#random.chance(SECOND_DEVICE_SHARE) ? 2 : 1;
    const clientIds = Array.from({ length: devices }, () => `CID${digits(this.#clients++)}`);
    const customer = { userId: `UID${digits(this.#users)}`, clientIds };
    known[this.#users % REMEMBERED] = customer;
    this.#users += 1;
    return { userId: customer.userId, clientId: this.#random.pick(clientIds) };
  }
}

function digits(number: number): string {
  return String(number).padStart(5, "0");
}
