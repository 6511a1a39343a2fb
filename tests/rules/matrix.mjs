// What each role may read, document by document. The roles' names are their uids.
// Nobody may write anything, and no collection-group query passes but those in `groups`.

import { ROLES, sessionOf } from "./people.mjs";

const SIGNED_IN = ROLES.filter((role) => role !== "anonymous");
const NOBODY = [];
const ADMIN = ["admin"];
const ADMINS = ["admin", "hastyAdmin", "otherDriver"];
const SHOWED_A_CODE = ["admin", "otherCustomer", "otherDriver"];
const OWNER_OR_ADMIN = ["customer", "admin"];

const order = {
  id: "ord_1",
  customer_id: "customer",
  merchant_id: "mer_open",
  fulfilment: "placed",
  assignment: { state: "assigned", driver_id: "driver" },
};

const unassigned = { ...order, assignment: { state: "none", driver_id: null } };

const SERVER_ONLY = [
  "auth",
  "refunds",
  "payouts",
  "ledger",
  "second_factors",
  "quotes",
  "recurrence_registers",
  "review_records",
  "device_tokens",
  "verification_documents",
  "verification_records",
  "tracking",
  "trips",
  "requests",
  "bids",
  "disputes",
  "zones",
  "unheard_of",
];

/**
 * `get`: who may get the document. `list`: who may list its collection without a constraint.
 * `queries`: [field, operator, value, who]: every role makes the query with this very value.
 * `groups`: the same for collection-group queries; any other one is refused to everyone.
 */
export const TARGETS = [
  target("users/customer", { name: "Customer" }, { get: OWNER_OR_ADMIN, list: ADMIN }),
  ...["addresses/adr_1", "devices/dev_1", "inbox/ntf_1", "sessions/ses_1"].map((path) =>
    target(`users/customer/${path}`, { of: "hers" }, { get: OWNER_OR_ADMIN, list: OWNER_OR_ADMIN }),
  ),
  target("auth/customer", { roles: ["customer"], second_factor: true }),
  target("users/customer/blocks/driver", { uid: "driver", reason: "rude" }),
  target(
    "merchants/mer_open",
    { approved: true, menu_version: 2 },
    {
      get: SIGNED_IN,
      list: NOBODY,
      queries: [
        ["approved", "==", true, SIGNED_IN],
        ["approved", "==", false, NOBODY],
      ],
    },
  ),
  target("merchants/mer_new", { approved: false, menu_version: 1 }, { get: ["staff"], list: NOBODY }),
  ...["mer_open", "mer_new"].map((shop) =>
    target(
      `merchants/${shop}/staff/staff`,
      { merchant_id: shop, uid: "staff", role: "staff" },
      { get: ["staff", "admin"], list: ["staff", "admin"], groups: [["uid", "==", "staff", ["staff"]]] },
    ),
  ),
  target("merchants/mer_open/staff/otherStaff", null, {
    get: ["staff", "otherStaff", "admin"], // a person may see that they do not belong to the staff
    list: ["staff", "admin"],
  }),
  target(
    "merchants/mer_other/staff/otherStaff",
    { merchant_id: "mer_other", uid: "otherStaff", role: "owner" },
    { get: ["otherStaff", "admin"], list: ["otherStaff", "admin"] },
  ),
  target("merchants/mer_open/menu/1", { items: [] }, { get: ["staff"], list: ["staff"] }),
  target("merchants/mer_open/menu/2", { items: [] }, { get: SIGNED_IN, list: ["staff"] }),
  target("merchants/mer_new/menu/1", { items: [] }, { get: ["staff"], list: ["staff"] }),
  target("drivers/driver", { name: "Driver" }, { get: ["driver", "admin"], list: ADMIN }),
  target("drivers/driver/reviews/ord_1_customer", { id: "ord_1_customer" }),
  target("orders/ord_1", order, {
    get: ["customer", "staff", "driver", "admin"],
    list: ADMIN,
    queries: [
      ["customer_id", "==", "customer", ["customer", "admin"]],
      ["assignment.driver_id", "==", "driver", ["driver", "admin"]],
      ["merchant_id", "==", "mer_open", ["staff", "admin"]],
      ["merchant_id", "==", "mer_other", ["otherStaff", "admin"]],
      ["merchant_name", "==", "Dosa Corner", ADMIN],
    ],
  }),
  target("orders/ord_unassigned", unassigned, { get: ["customer", "staff", "admin"], list: ADMIN }),
  target("orders/ord_absent", null, { get: ADMIN, list: ADMIN }),
  target("orders/ord_1/private/customer", { customer_id: "customer" }, { get: OWNER_OR_ADMIN }),
  target(
    "orders/ord_1/private/search",
    { customer_id: "customer", excluded_drivers: ["otherDriver"], rankings: [] },
    { get: ADMIN },
  ),
  target("orders/ord_1/messages/msg_1", { text: "hello" }),
  target(
    "offers/off_1_1",
    { driver_id: "driver", order_id: "ord_1", state: "open" },
    {
      get: ["driver", "admin"],
      list: ADMIN,
      queries: [
        ["driver_id", "==", "driver", ["driver", "admin"]],
        ["order_id", "==", "ord_1", ADMIN],
      ],
    },
  ),
  target(
    "offers/off_1_1/private/ranking",
    { driver_id: "driver", candidates: [] },
    { get: ADMIN, list: ADMIN, queries: [["driver_id", "==", "driver", ADMIN]] },
  ),
  target(
    "recurrences/rec_1",
    { customer_id: "customer", merchant_id: "mer_open" },
    { get: ["customer"], queries: [["customer_id", "==", "customer", ["customer"]]] },
  ),
  target("merchants/mer_open/stock/itm_1", { item_id: "itm_1", on_hand: 3 }),
  target("merchants/mer_open/capacity/load", { active: 2 }),
  target("merchants/mer_open/blocks/customer", { uid: "customer", reason: "rude", by: "staff" }),
  target("merchants/mer_open/application_reviews/1", { outcome: "approved", by: "admin" }),
  target("merchants/mer_open/reviews/ord_1_merchant", { id: "ord_1_merchant" }),
  ...tips(),
  target(
    "payments/pay_1",
    { customer_id: "customer", merchant_id: "mer_open", order_id: "ord_1" },
    {
      get: ["customer"],
      queries: [
        ["customer_id", "==", "customer", ["customer"]],
        ["merchant_id", "==", "mer_open", NOBODY],
      ],
    },
  ),
  target(
    "reviews/ord_1_customer",
    { author_id: "customer", subject_id: "driver" },
    {
      get: ["customer", "driver"],
      queries: [
        ["author_id", "==", "customer", ["customer"]],
        ["subject_id", "==", "driver", ["driver"]],
      ],
    },
  ),
  target(
    "reviews/ord_1_by_merchant",
    { author_id: "mer_open", subject_id: "customer" },
    {
      get: ["customer", "staff"],
      queries: [
        ["author_id", "==", "mer_open", ["staff"]],
        ["subject_id", "==", "customer", ["customer"]],
      ],
    },
  ),
  target("reviews/ord_1_by_merchant/private/author", { uid: "staff" }),
  ...["audit/1", "config/dispatch", "idempotency/hash", "outbox/evt_1"].map((path) =>
    target(path, { value: 1 }, { get: ADMIN, list: ADMIN }),
  ),
  ...SERVER_ONLY.map((name) => target(`${name}/doc_1`, { customer_id: "customer", driver_id: "driver" })),
];

/** Every document that the matrix rests on, by path; asked for when everybody is signed in. */
export function seeds() {
  const people = ROLES.filter((role) => !["anonymous", "unknown"].includes(role)).map((role) => [
    `auth/${role}`,
    {
      uid: role,
      roles: ADMINS.includes(role) ? ["customer", "admin"] : ["customer"],
      second_factor: role !== "otherDriver",
    },
  ]);
  const shut = [
    ["auth/closed", { uid: "closed", roles: ["customer"], disabled: true }],
    ["auth/ended", { uid: "ended", roles: ["customer"], tokens_valid_after: new Date() }],
    ["auth/revoked", { uid: "revoked", roles: ["customer"], revoked_sessions: [sessionOf("revoked").split("/")[3]] }],
    ["auth/expired", { uid: "expired", roles: ["customer"] }],
  ];
  const shown = SHOWED_A_CODE.map((role) => [sessionOf(role), { recent_mfa_until: new Date(0) }]);
  const documents = TARGETS.filter(({ data }) => data).map(({ path, data }) => [path, data]);
  return Object.fromEntries([...people, ...shut, ...shown, ...documents]);
}

function tips() {
  const tip = { customer_id: "customer", driver_id: "driver", order_id: "ord_1" };
  const queries = [
    ["customer_id", "==", "customer", OWNER_OR_ADMIN],
    ["driver_id", "==", "driver", ADMIN],
  ];
  return [
    target(
      "tips/tip_paid",
      { ...tip, payment: { captured: 5000 } },
      { get: ["customer", "driver", "admin"], list: ADMIN, queries },
    ),
    target("tips/tip_open", { ...tip, payment: { captured: 0 } }, { get: OWNER_OR_ADMIN, list: ADMIN }),
  ];
}

function target(path, data, { get = NOBODY, list = NOBODY, queries = [], groups = [] } = {}) {
  return { path, collection: path.slice(0, path.lastIndexOf("/")), data, get, list, queries, groups };
}
