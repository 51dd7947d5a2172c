-- An order holds items, which are read and written with it only. What was its one product is its one item.
ALTER TABLE orders ADD COLUMN items TEXT NOT NULL DEFAULT '[]';
UPDATE orders SET items = json_array(json_object(
  'product', product, 'quantity', quantity, 'priceCents', price_cents, 'imageId', NULL, 'variant', NULL));
ALTER TABLE orders DROP COLUMN product;
ALTER TABLE orders DROP COLUMN quantity;
ALTER TABLE orders DROP COLUMN price_cents;

-- What the customer has added for the shop; goes when they are erased.
ALTER TABLE orders ADD COLUMN notes TEXT;
ALTER TABLE orders ADD COLUMN shipping_address TEXT;

-- A page of a list by status is picked within one index.
CREATE INDEX orders_by_status ON orders (user_id, status, id);

-- What happened to each order, in the order of its versions.
CREATE TABLE order_change (
  order_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  type TEXT NOT NULL,
  at TEXT NOT NULL,
  shop_user_id TEXT,
  detail TEXT NOT NULL,
  PRIMARY KEY (order_id, version)
) WITHOUT ROWID;

-- Whom an erasure looks for. Customers' own changes name nobody, so they cost nothing here.
CREATE INDEX order_change_by_shop_user ON order_change (shop_user_id) WHERE shop_user_id IS NOT NULL;

INSERT INTO order_change SELECT id, 1, 'order.created', created_at, NULL, '{}' FROM orders;
