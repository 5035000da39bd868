from .models import User as Person
from . import models
