from .models import Address, Base, User

__all__ = ["Address", "Base", "User"]
