import os

from flask import Flask
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

app = Flask(__name__)
pool = ConnectionPool(os.environ["DATABASE_URL"], kwargs={"row_factory": dict_row}, open=True)


@app.get("/items")
def items():
    with pool.connection() as db:
        query = "SELECT items.name, price, sellers.name AS seller FROM items JOIN sellers ON id = seller LIMIT 20"
        return db.execute(query).fetchall()


@app.get("/health")
def health():
    return "ok"
