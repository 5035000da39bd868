"""Stands for an installed package: its module ``billing`` is made when this file runs."""

import sys
from types import ModuleType

from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Invoice(Base):
    __tablename__ = "invoices"
    id = Column(Integer, primary_key=True)
    number = Column(String(20))


made = ModuleType("billing")
made.Base, made.Invoice = Base, Invoice
sys.modules["billing"] = made
