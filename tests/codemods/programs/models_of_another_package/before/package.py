"""Stands for an installed package: its module ``billing`` is made when this file runs."""

import sys
from types import ModuleType

from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.orm import declarative_base, relationship

billing = ModuleType("billing")
billing.Base = Base = declarative_base()


class Invoice(Base):
    __tablename__ = "invoices"

    id = Column(Integer, primary_key=True)
    number = Column(String(20))
    lines = relationship("Line", lazy="joined")


class Line(Base):
    __tablename__ = "lines"

    id = Column(Integer, primary_key=True)
    invoice_id = Column(ForeignKey("invoices.id"))


billing.Invoice = Invoice
billing.Line = Line
billing.Marks = Table("marks", Base.metadata, Column("line_id", ForeignKey("lines.id")))
sys.modules["billing"] = billing
