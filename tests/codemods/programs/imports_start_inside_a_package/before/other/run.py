from src.jobs import nothing

nothing()
