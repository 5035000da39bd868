"""What FastAPI would load after the endpoint is loaded inside it.

FastAPI reads the fields of `response_model` from the returned object when the endpoint is done. For a coroutine that
happens in the event loop, where a lazy load raises MissingGreenlet. Where a field of the model is a relationship, or a
property that reads one, the object is turned into its model while things can be loaded:

    return chat                                        return await db.run_sync(lambda _: ChatOut.model_validate(chat))

Where other code calls the endpoint, or the model has validators that would see that object again, `loaded(ChatOut, chat)` makes the
model only to have everything loaded, and gives the object itself back. So it does where an `except`, a `with`, a decorator or a handler
of the program would tell the exception of an invalid answer from that of FastAPI.

This sends the statements that the sync endpoint sent. `selectinload` in the statement that loads the object saves them.
"""

from __future__ import annotations

from alchemove_codemods.colours.plans import Plan, Validation
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File, validated


@rule(
    "response-model",
    stage="async",
    reasons={
        "response-model": "the response model reads something that is loaded anew each time it is read (a property that runs a "
        "statement, a dynamic relationship), and either other code calls this endpoint or validating twice may differ (the "
        'model has a `model_validator(mode="after")`, or validators of pydantic 1). Return the model instead of the object',
    },
)
def response_model(file: File, plan: Plan) -> None:
    """``return x`` → ``return await session.run_sync(lambda _: Model.model_validate(x))``."""
    for validation in plan.validations:
        _validate(file, validation)


def _validate(file: File, validation: Validation) -> None:
    text, session = validated(file, validation.response), validation.session
    if validation.apart:
        inner, before = text.format("value"), "await " if validation.awaited else ""
        file.wrap(
            validation.node,
            lambda node: f"await {session}.run_sync(lambda _, value: {inner}, {before}{node})",
            "response-model",
        )
    else:
        file.wrap(
            validation.node, lambda node: f"await {session}.run_sync(lambda _: {text.format(node)})", "response-model"
        )
