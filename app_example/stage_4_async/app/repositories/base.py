"""What all repositories have in common."""

from typing import Any, Generic, Iterable, List, Optional, Type, TypeVar

from sqlalchemy import Select, delete, func, literal_column, select
from sqlalchemy.orm import Session

from app.exceptions import NotFound

ModelType = TypeVar("ModelType")


class BaseRepository(Generic[ModelType]):
    """Reads and writes of one model.

    Repositories flush and leave the commit to the service, which knows where the
    unit of work ends.
    """

    model: Type[ModelType]

    def __init__(self, session: Session):
        self.session = session

    def _query(self) -> Select:
        return select(self.model)

    def get(self, ident: Any) -> Optional[ModelType]:
        return self.session.get(self.model, ident)

    def get_or_raise(self, ident: Any) -> ModelType:
        instance = self.get(ident)
        if instance is None:
            raise NotFound("%s %s not found" % (self.model.__name__, ident))
        return instance

    def find_by(self, **criteria: Any) -> List[ModelType]:
        return self.session.scalars(self._query().filter_by(**criteria)).all()

    def find_one_by(self, **criteria: Any) -> Optional[ModelType]:
        return self.session.scalars(select(self.model).filter_by(**criteria).limit(1)).first()

    def list(self, offset: int = 0, limit: int = 100) -> List[ModelType]:
        return self.session.scalars(
            select(self.model)
            .order_by(self.model.id)
            .offset(offset)
            .limit(limit)
        ).all()

    def count(self, **criteria: Any) -> int:
        query = self._query()
        if criteria:
            query = query.filter_by(**criteria)
        return self.session.scalar(select(func.count()).select_from(query.subquery()))

    def exists(self, **criteria: Any) -> bool:
        query = select(self.model).filter_by(**criteria)
        return self.session.scalar(
            select(query.with_only_columns(literal_column("1"), maintain_column_froms=True).exists())
        )

    def create(self, **values: Any) -> ModelType:
        instance = self.model(**values)
        self.session.add(instance)
        self.session.flush()
        return instance

    def update(self, instance: ModelType, **values: Any) -> ModelType:
        for name, value in values.items():
            setattr(instance, name, value)
        self.session.flush()
        return instance

    def delete(self, instance: ModelType) -> None:
        self.session.delete(instance)
        self.session.flush()

    def delete_many(self, idents: Iterable[Any]) -> int:
        return self.session.execute(
            delete(self.model)
            .where(self.model.id.in_(list(idents)))
            .execution_options(synchronize_session=False)
        ).rowcount
