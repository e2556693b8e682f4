import type { Random } from "./random.js";

/** A product of the simulated shop. */
export interface Product {
  readonly itemId: string;
  readonly name: string;
  readonly brand: string;
  /** From wide to narrow, one to four names. */
  readonly categories: readonly string[];
  readonly variants: readonly string[];
  /** EUR for one piece, before tax. */
  readonly price: number;
  readonly taxRate: number;
  /** How often it is looked at, relative to the others. */
  readonly popularity: number;
}

/** Value added tax of the simulated shop's country: the standard rate, and the reduced one for books. */
export const STANDARD_TAX_RATE = 0.19;
export const REDUCED_TAX_RATE = 0.07;

const SIZES = ["S", "M", "L", "XL"];
const COLOURS = ["Black", "White", "Blue", "Green"];
const SHOE_SIZES = ["38", "40", "42", "44"];
const EDITIONS = ["Paperback", "Hardcover"];

type Shelf = readonly [
  path: string,
  brand: string,
  variants: readonly string[],
  taxRate: number,
  goods: readonly (readonly [name: string, price: number, popularity: number])[],
];

const SHELVES: readonly Shelf[] = [
  [
    "Apparel/Mens/Shirts/Tshirts",
    "Nordlicht",
    SIZES,
    STANDARD_TAX_RATE,
    [
      ["Plain T-shirt", 14.9, 9],
      ["Striped T-shirt", 17.5, 6],
      ["Organic T-shirt", 22.9, 5],
      ["Long-sleeve T-shirt", 24.5, 4],
    ],
  ],
  [
    "Apparel/Mens/Trousers",
    "Nordlicht",
    SIZES,
    STANDARD_TAX_RATE,
    [
      ["Chinos", 44.9, 4],
      ["Jeans", 59.9, 5],
      ["Shorts", 29.9, 3],
    ],
  ],
  [
    "Apparel/Womens/Shirts/Blouses",
    "Alba",
    SIZES,
    STANDARD_TAX_RATE,
    [
      ["Linen blouse", 39.9, 5],
      ["Cotton blouse", 34.5, 5],
      ["Silk blouse", 79.0, 2],
    ],
  ],
  [
    "Apparel/Womens/Dresses",
    "Alba",
    SIZES,
    STANDARD_TAX_RATE,
    [
      ["Summer dress", 49.9, 5],
      ["Wrap dress", 64.9, 3],
      ["Evening dress", 119.0, 1],
    ],
  ],
  [
    "Apparel/Kids/Pullovers",
    "Wichtel",
    SIZES,
    STANDARD_TAX_RATE,
    [
      ["Hooded pullover", 27.9, 4],
      ["Knitted pullover", 32.9, 3],
    ],
  ],
  [
    "Apparel/Outdoor/Jackets",
    "Fjell",
    SIZES,
    STANDARD_TAX_RATE,
    [
      ["Rain jacket", 84.9, 3],
      ["Down jacket", 149.0, 1],
      ["Fleece jacket", 54.9, 3],
    ],
  ],
  [
    "Shoes/Sneakers",
    "Fjell",
    SHOE_SIZES,
    STANDARD_TAX_RATE,
    [
      ["Canvas sneakers", 49.9, 5],
      ["Running shoes", 94.9, 3],
      ["Trail shoes", 109.0, 2],
    ],
  ],
  [
    "Shoes/Boots",
    "Fjell",
    SHOE_SIZES,
    STANDARD_TAX_RATE,
    [
      ["Ankle boots", 89.9, 2],
      ["Hiking boots", 139.0, 1],
    ],
  ],
  [
    "Accessories/Bags",
    "Acme",
    COLOURS,
    STANDARD_TAX_RATE,
    [
      ["Tote bag", 12.9, 6],
      ["Backpack", 59.0, 3],
      ["Weekender", 99.0, 1],
    ],
  ],
  [
    "Accessories/Small",
    "Acme",
    COLOURS,
    STANDARD_TAX_RATE,
    [
      ["Socks, three pairs", 9.9, 8],
      ["Belt", 24.9, 3],
      ["Cap", 16.9, 4],
      ["Scarf", 21.9, 3],
      ["Sunglasses", 34.9, 2],
    ],
  ],
  [
    "Home/Kitchen",
    "Acme",
    COLOURS,
    STANDARD_TAX_RATE,
    [
      ["Mug", 8.5, 7],
      ["Water bottle", 18.9, 5],
      ["Apron", 22.5, 2],
      ["Lunch box", 15.9, 3],
    ],
  ],
  [
    "Books/Fashion",
    "Hand & Naht",
    EDITIONS,
    REDUCED_TAX_RATE,
    [
      ["Sewing for beginners", 19.6, 3],
      ["A history of denim", 27.1, 2],
      ["Mending well", 14.9, 3],
      ["Colour and cloth", 42.0, 1],
    ],
  ],
];

/** Everything that the simulated shop sells. Ids are five digits; the order never changes, so that seeds stay valid. */
export const CATALOGUE: readonly Product[] = SHELVES.flatMap(([path, brand, variants, taxRate, goods], shelf) =>
  goods.map(([name, price, popularity], place) => ({
    itemId: String(10_001 + shelf * 100 + place),
    name,
    brand,
    categories: path.split("/"),
    variants,
    price,
    taxRate,
    popularity,
  })),
);

const BY_POPULARITY = CATALOGUE.map((product) => [product, product.popularity] as const);

/** A product, popular ones more often. */
export function drawProduct(random: Random): Product {
  return random.weighted(BY_POPULARITY);
}
