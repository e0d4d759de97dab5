"""Rasa without TensorFlow.

Replaces: the module `tensorflow`, of which two base classes are named while Rasa is imported; three components of it,
whose classes the check of a configuration compares with; and Rasa's list of built-in components, which imports every
component that exists, those for MITIE, spaCy and ConveRT included.
Why: no component of ours needs it. TensorFlow is 2.1 GB on disk, 350 MB of memory and 3 s of start.
A pipeline that names a component of TensorFlow is refused in one sentence.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from rasa_server.adapters import replace

NEEDS_TENSORFLOW = frozenset(
    {
        "DIETClassifier",
        "ResponseSelector",
        "ConveRTFeaturizer",
        "LanguageModelFeaturizer",
        "TEDPolicy",
        "UnexpecTEDIntentPolicy",
    }
)

COMPONENTS = {
    "rasa.core.policies.memoization": ("AugmentedMemoizationPolicy", "MemoizationPolicy"),
    "rasa.core.policies.rule_policy": ("RulePolicy",),
    "rasa.nlu.classifiers.fallback_classifier": ("FallbackClassifier",),
    "rasa.nlu.classifiers.keyword_intent_classifier": ("KeywordIntentClassifier",),
    "rasa.nlu.classifiers.logistic_regression_classifier": ("LogisticRegressionClassifier",),
    "rasa.nlu.classifiers.sklearn_intent_classifier": ("SklearnIntentClassifier",),
    "rasa.nlu.extractors.crf_entity_extractor": ("CRFEntityExtractor",),
    "rasa.nlu.extractors.entity_synonyms": ("EntitySynonymMapper",),
    "rasa.nlu.extractors.regex_entity_extractor": ("RegexEntityExtractor",),
    "rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer": ("CountVectorsFeaturizer",),
    "rasa.nlu.featurizers.sparse_featurizer.lexical_syntactic_featurizer": ("LexicalSyntacticFeaturizer",),
    "rasa.nlu.featurizers.sparse_featurizer.regex_featurizer": ("RegexFeaturizer",),
    "rasa.nlu.tokenizers.whitespace_tokenizer": ("WhitespaceTokenizer",),
}


def install() -> None:
    """Must run before Rasa's modules are imported."""
    _stand_in_for_tensorflow()
    _stand_in_for_components()
    _list_components()
    _refuse_components_of_tensorflow()


def _stand_in_for_tensorflow() -> None:
    callbacks = _module("tensorflow.keras.callbacks", Callback=object)
    utils = _module("tensorflow.keras.utils", Sequence=object)
    keras = _module("tensorflow.keras", callbacks=callbacks, utils=utils)
    _module("tensorflow", keras=keras)


def _stand_in_for_components() -> None:
    _module("rasa.nlu.classifiers.diet_classifier", DIETClassifier=type("DIETClassifier", (), {}))
    _module("rasa.nlu.selectors.response_selector", ResponseSelector=type("ResponseSelector", (), {}))
    _module("rasa.core.policies.ted_policy", TEDPolicy=type("TEDPolicy", (), {}))


def _list_components() -> None:
    """Imports the components that `config.yml` may name by their short names: importing one registers it."""
    listed = [getattr(import_module(module), name) for module, names in COMPONENTS.items() for name in names]
    _module("rasa.engine.recipes.default_components", DEFAULT_COMPONENTS=listed)


def _refuse_components_of_tensorflow() -> None:
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.shared.exceptions import InvalidConfigException

    def from_registry(name: str) -> Any:
        if name.rsplit(".", 1)[-1] in NEEDS_TENSORFLOW:
            raise InvalidConfigException(
                f"config.yml names {name}, which needs TensorFlow; this environment has none. Take another component."
            )
        return stock(name)

    stock = replace(DefaultV1Recipe, "_from_registry", staticmethod(from_registry))


def _module(name: str, **attributes: Any) -> ModuleType:
    module = ModuleType(name, "Stands in for the module of this name: see tensorflow_absent.")
    module.__path__ = []
    vars(module).update(attributes)
    sys.modules[name] = module
    return module
