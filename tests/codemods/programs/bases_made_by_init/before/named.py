from storage import Project, session

early = session


def projects():
    return Project.query.order_by(Project.id).all()  # refuse: session-not-in-scope
