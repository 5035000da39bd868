import named
import registry
import storage
from registry import Build
from storage import View


def main():
    storage.init()
    storage.Base.metadata.create_all(storage.engine)
    storage.session.add_all([storage.Project(name="a"), storage.Project(name="b"), View(query="select")])
    storage.session.commit()
    registry.Model.metadata.create_all(registry.engine)
    registry.Session.add(Build(name="one"))
    registry.Session.commit()
    first = storage.Project.query.filter(storage.Project.name == "b").first()
    return [
        first.name,
        named.early,
        len(named.projects()),
        str(View.query),
        storage.View.query.contains("s").key,
        Build.numbered(1).name,
        Build.query.count(),
    ]
