from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker


class App:
    def __getattr__(self, name):
        return self.__dict__["made"]


current_app = App()
current_app.made = sessionmaker(bind=create_engine("sqlite://"))()
