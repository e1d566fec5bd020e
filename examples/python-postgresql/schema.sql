CREATE TABLE sellers (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE items (name text NOT NULL, price int NOT NULL, seller int NOT NULL REFERENCES sellers);

-- Enough rows that a query costs what it costs in earnest.
INSERT INTO sellers SELECT id, 'seller ' || id FROM generate_series(1, 100) AS id;
INSERT INTO items SELECT 'item ' || id, id % 500, 1 + id % 100 FROM generate_series(1, 10000) AS id;
