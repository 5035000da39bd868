from shop.main import run

run()
