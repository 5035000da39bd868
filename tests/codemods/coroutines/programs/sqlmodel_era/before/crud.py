from sqlmodel import Session, select

from items import Box, Item, ItemCreate


def get_box(*, session: Session, name: str) -> Box:
    statement = select(Box).where(Box.name == name)
    box = session.exec(statement).first()
    if box is None:
        box = Box(name=name)
        session.add(box)
        session.flush()
    return box


def create_item(*, session: Session, item_in: ItemCreate) -> Item:
    box = get_box(session=session, name=item_in.box)
    item = Item(title=item_in.title, size=item_in.size, box_id=box.id)
    session.add(item)
    session.commit()
    session.refresh(item)
    return item
