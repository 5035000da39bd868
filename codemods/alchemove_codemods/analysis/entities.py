"""Whether what ``query()`` is given must be a mapped class, seen from how the same code uses it.

``query(model).filter(model.id == key)`` and ``query(model).get(key)`` work for a class (or an alias of one) and for nothing else:
a column has no attribute ``id``, and a query of columns has no ``get()``. What is evaluated before the query, or with it, counts, and so do the
criteria that a query gets next: ``query = query(model)``, and in the next statement ``query.filter(model.id == key)``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from alchemove_codemods.analysis.frame import Frame, stable_text
from alchemove_codemods.trees import walk

_NAMES = """
Comparator adapt adapt_to_entity adapter add_columns add_cte add_is_dependent_on alias all_ allows_lambda and_ anon_key_label
anon_label any any_ any_op append_column append_constraint append_foreign_key argument_for as_comparison as_generic as_scalar asc
autoincrement autoincrement_column base_columns between bind bind_expression bind_processor bindparams bitwise_and bitwise_lshift
bitwise_not bitwise_or bitwise_rshift bitwise_xor bool_op c callable cast class_ clause clause_expr clauses coerce_arguments
coerce_compared_value collate column column_descriptions column_expression column_valued columns columns_clause_froms comment
comparator comparator_factory compare compare_values compile compile_state computed concat constraints contains copy copy_value
correlate correlate_except corresponding_column create create_drop_stringify_dialect create_row_processor cte default delete desc
description dialect_impl dialect_kwargs dialect_options dispatch distinct doc drop effective_value element else_ endswith entity
entity_namespace evaluates_none except_ except_all execution_options exists expand_op expanding exported_columns expr expression
exprs extension_type fetch filter filter_by foreign_key_constraints foreign_keys from_statement froms fullname get_children
get_dbapi_type get_dialect_option get_execution_options get_final_froms get_history get_label_style group group_by has has_op
hashable hasparent having icontains identifier identity iendswith ilike impl implicit_returning in_ index indexes info inherit_cache
inner_columns insert inspection_attr_name intersect intersect_all is_ is_aliased_class is_attribute is_bundle is_clause_element
is_comparison is_delete is_derived_from is_distinct_from is_dml is_from_statement is_insert is_instance is_literal is_mapper is_not
is_not_distinct_from is_property is_select is_selectable is_text is_update isnot isnot_distinct_from isoutparam istartswith join
join_from key kwargs label lateral left like limit literal_execute literal_processor mapper match memoized_attribute
memoized_instancemethod metadata modifier modifiers name name_cte_columns named_with_column negate nesting nn not_ilike not_in
not_like notilike notin_ notlike nullable nulls_first nulls_last nullsfirst nullslast of_type of_type_op offset on_conflict onupdate
op operate operator options or_ order_by original outerjoin outerjoin_from over packagenames params parent prefix_with primary_key
prop property proxy_set python_type quote recursive reduce_columns reference references regexp_match regexp_replace render_bind_cast
render_literal_cast render_literal_execute replace_selectable required result_processor reverse_operate right scalar_subquery
scalar_table_valued schema select select_from selectable selected_columns self_group server_default server_onupdate set_label_style
shares_lineage should_evaluate_none single_entity slice sort_key_function sort_order startswith stringify_dialect subquery
suffix_with supports_execution system table table_valued tablesample text timetuple to_metadata tometadata type type_coerce
typeclause typed union union_all unique unique_params update uses_inspection value visit_name whens where whereclause with_clause
with_for_update with_hint with_only_columns with_statement_hint with_variant within_group within_group_type
wrapped_column_expression
"""
_OF_COLUMNS = frozenset(_NAMES.split())
"""What columns, expressions and tables have themselves, so that it says nothing."""
_BUILDERS = frozenset({"filter", "where", "join", "outerjoin", "order_by", "group_by"})
_BEFORE_RUN = _BUILDERS | {"filter_by", "options", "distinct", "limit", "offset", "having", "get", "get_or_404"}


def is_entity(frame: Frame, call: ast.Call, argument: ast.expr) -> bool:
    """Whether *argument* of the ``query(...)`` call is certainly a mapped class or an alias."""
    text = stable_text(argument)
    if text is None:
        return False
    parents = frame.module.source.parents
    if any(_uses(node, call, text) for node in _certainly(_chain(parents, call))):
        return True
    if isinstance(frame.function.node, ast.Lambda):
        return False
    before = evaluated(frame.function.node, call, text.split(".", 1)[0])
    return any(_uses(node, call, text) for node in (*before, *_next_criteria(parents, call, text)))


def _chain(parents: Mapping[ast.AST, ast.AST], node: ast.expr) -> ast.expr:
    """*node* with what is called on it in the same expression until it is run."""
    while True:
        attribute = parents.get(node)
        if not isinstance(attribute, ast.Attribute) or attribute.attr not in _BEFORE_RUN:
            return node
        outer = parents.get(attribute)
        if not (isinstance(outer, ast.Call) and outer.func is attribute):
            return node
        node = outer


def _next_criteria(parents: Mapping[ast.AST, ast.AST], call: ast.Call, text: str) -> Iterator[ast.AST]:
    """The arguments of the builder that is called first on the variable *call* is assigned to, in the next statement: nothing has run it before."""
    match assigned := parents.get(_chain(parents, call)):
        case ast.Assign(targets=[ast.Name(id=name)]) if name != text.split(".", 1)[0]:
            pass
        case _:
            return
    block = next(
        (
            b
            for field in ("body", "orelse", "finalbody")
            if assigned in (b := getattr(parents.get(assigned), field, ()))
        ),
        None,
    )
    following = block[block.index(assigned) + 1 :][:1] if isinstance(block, list) else []
    for statement in following:
        if isinstance(statement, (ast.Assign, ast.Expr, ast.Return, ast.For)):
            head = statement.iter if isinstance(statement, ast.For) else statement
            named = [n for n in walk(head) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)]
            for node in _certainly(head) if len(named) == 1 else ():
                match node:
                    case ast.Call(func=ast.Attribute(value=ast.Name(id=receiver), attr=method), args=arguments):
                        if receiver == name and method in _BUILDERS:
                            for argument in arguments:
                                yield from _certainly(argument)
                            return


def _uses(node: ast.AST, call: ast.Call, text: str) -> bool:
    match node:
        case ast.Attribute(value=ast.Name() | ast.Attribute() as owner, attr=name, ctx=ast.Load()):
            return not name.startswith("_") and name not in _OF_COLUMNS and stable_text(owner) == text
        case ast.Call(func=ast.Attribute(value=receiver, attr="get" | "get_or_404")) if len(call.args) == 1:
            return _begins_with(receiver, call)
    return False


def _begins_with(node: ast.expr, call: ast.Call) -> bool:
    """Whether *node* is *call* with builders called on it."""
    while node is not call:
        match node:
            case ast.Call(func=ast.Attribute(value=inner)):
                node = inner
            case _:
                return False
    return True


def evaluated(function: ast.AST, call: ast.expr, root: str) -> Iterator[ast.AST]:
    """What in *function* is evaluated whenever *call* is, and no later than its statement, while *root* is what it is there."""
    block = getattr(function, "body", [])
    while True:
        around = next(
            (s for s in block if s.lineno <= call.lineno <= (s.end_lineno or s.lineno) and call in walk(s)), None
        )
        if around is None:
            return
        for statement in reversed(block[: block.index(around)]):
            if any(isinstance(n, ast.Name) and n.id == root and isinstance(n.ctx, ast.Store) for n in walk(statement)):
                break
            if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr)):
                yield from _certainly(statement)
        inner = [
            b
            for name in ("body", "orelse", "finalbody")
            if (b := getattr(around, name, None)) and isinstance(b, list) and any(call in walk(s) for s in b)
        ]
        inner += [h.body for h in getattr(around, "handlers", ()) if any(call in walk(s) for s in h.body)]
        if not inner:
            if isinstance(around, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return)):
                yield from _certainly(around)
            elif isinstance(around, (ast.For, ast.If, ast.While)):
                head = around.iter if isinstance(around, ast.For) else around.test
                yield from _certainly(head)
            return
        block = inner[0]


def _certainly(node: ast.AST) -> Iterator[ast.AST]:
    """*node* and what is inside it, but for what may not be evaluated."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        if not isinstance(
            current, (ast.Lambda, ast.IfExp, ast.BoolOp, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)
        ):
            pending += ast.iter_child_nodes(current)
