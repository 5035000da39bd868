from .base import *
from .items import *
from .users import *
from .notes import *
