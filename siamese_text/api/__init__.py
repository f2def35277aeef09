"""The public face of the package: the functions that do a whole job, and the types that they take and give.

Each name is loaded on first use, so that scoring a pair does not wait for the training loop or the search to load.
``siamese_text`` gives the same names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from siamese_text._lazy import listed_names, loader

if TYPE_CHECKING:
    from siamese_text.api.anomalies import Anomalies as Anomalies
    from siamese_text.api.anomalies import ScoredText as ScoredText
    from siamese_text.api.anomalies import find_anomalies as find_anomalies
    from siamese_text.api.calibration import Calibrated as Calibrated
    from siamese_text.api.calibration import calibrate as calibrate
    from siamese_text.api.classifying import Classified as Classified
    from siamese_text.api.classifying import classify as classify
    from siamese_text.api.datasets import KnownDataset as KnownDataset
    from siamese_text.api.datasets import list_datasets as list_datasets
    from siamese_text.api.deduplication import Deduplicated as Deduplicated
    from siamese_text.api.deduplication import deduplicate as deduplicate
    from siamese_text.api.deduplication import deduplicate_file as deduplicate_file
    from siamese_text.api.disclosures import Disclosure as Disclosure
    from siamese_text.api.embedding import embed_file as embed_file
    from siamese_text.api.estimators import AnomalyDetector as AnomalyDetector
    from siamese_text.api.estimators import EmbeddingTransformer as EmbeddingTransformer
    from siamese_text.api.estimators import FewShotClassifier as FewShotClassifier
    from siamese_text.api.estimators import MultiLabelClassifier as MultiLabelClassifier
    from siamese_text.api.estimators import RecordMatcher as RecordMatcher
    from siamese_text.api.estimators import Verifier as Verifier
    from siamese_text.api.evaluation import evaluate as evaluate
    from siamese_text.api.hub import Pulled as Pulled
    from siamese_text.api.hub import Pushed as Pushed
    from siamese_text.api.hub import pull as pull
    from siamese_text.api.hub import push as push
    from siamese_text.api.index import Index as Index
    from siamese_text.api.indexing import add_documents as add_documents
    from siamese_text.api.indexing import compact_index as compact_index
    from siamese_text.api.indexing import describe_index as describe_index
    from siamese_text.api.indexing import index_documents as index_documents
    from siamese_text.api.indexing import remove_documents as remove_documents
    from siamese_text.api.labelling import Labelled as Labelled
    from siamese_text.api.labelling import label_texts as label_texts
    from siamese_text.api.maps import MappedTexts as MappedTexts
    from siamese_text.api.maps import draw_texts as draw_texts
    from siamese_text.api.matching import MatchedTables as MatchedTables
    from siamese_text.api.matching import match_tables as match_tables
    from siamese_text.api.mining import MinedFile as MinedFile
    from siamese_text.api.mining import mine_file as mine_file
    from siamese_text.api.pan import check_pan as check_pan
    from siamese_text.api.paraphrases import ParaphraseFile as ParaphraseFile
    from siamese_text.api.paraphrases import ParaphrasePair as ParaphrasePair
    from siamese_text.api.paraphrases import cluster_texts as cluster_texts
    from siamese_text.api.paraphrases import find_paraphrases as find_paraphrases
    from siamese_text.api.paraphrases import paraphrases_file as paraphrases_file
    from siamese_text.api.plagiarism import check_folder as check_folder
    from siamese_text.api.probing import ProbedModel as ProbedModel
    from siamese_text.api.probing import ProbeReport as ProbeReport
    from siamese_text.api.probing import probe as probe
    from siamese_text.api.scorer import UNTRAINED_DECISIONS as UNTRAINED_DECISIONS
    from siamese_text.api.scorer import Scorer as Scorer
    from siamese_text.api.scoring import ScoredPairs as ScoredPairs
    from siamese_text.api.scoring import score_pairs as score_pairs
    from siamese_text.api.similar import SimilarTexts as SimilarTexts
    from siamese_text.api.similar import find_similar as find_similar
    from siamese_text.api.sweeps import SweepObserver as SweepObserver
    from siamese_text.api.sweeps import sweep as sweep
    from siamese_text.api.training import distill as distill
    from siamese_text.api.training import train as train
    from siamese_text.api.verification import calibrate_verifier as calibrate_verifier
    from siamese_text.api.verification import enrol as enrol
    from siamese_text.api.verification import remove_references as remove_references
    from siamese_text.api.verification import verify as verify
    from siamese_text.augment.files import Augmented as Augmented
    from siamese_text.augment.files import augment_file as augment_file
    from siamese_text.augment.minimal_pairs import Family as Family
    from siamese_text.augment.mining import Mined as Mined
    from siamese_text.augment.mining import MinedRow as MinedRow
    from siamese_text.augment.mining import MiningOptions as MiningOptions
    from siamese_text.augment.rule import Rule as Rule
    from siamese_text.augment.rules import RULES as RULES
    from siamese_text.data.catalogue import DatasetSpec as DatasetSpec
    from siamese_text.data.columns import Columns as Columns
    from siamese_text.data.examples import ExampleSet as ExampleSet
    from siamese_text.data.hub import HubCopy as HubCopy
    from siamese_text.data.labels import LabelScale as LabelScale
    from siamese_text.data.labels import Neutral as Neutral
    from siamese_text.data.leaks import Leaks as Leaks
    from siamese_text.data.loading import load_examples as load_examples
    from siamese_text.data.loading import load_pairs as load_pairs
    from siamese_text.data.pairs import PairSet as PairSet
    from siamese_text.duplicates.choice import Duplicate as Duplicate
    from siamese_text.duplicates.run import Found as Found
    from siamese_text.encoder.base import TextEncoder as TextEncoder
    from siamese_text.encoder.loading import load_encoder as load_encoder
    from siamese_text.encoder.model_folder import ModelFolder as ModelFolder
    from siamese_text.encoder.model_folder import open_model as open_model
    from siamese_text.encoder.resolve import DECIDING_MODEL as DECIDING_MODEL
    from siamese_text.encoder.resolve import DEFAULT_MODEL as DEFAULT_MODEL
    from siamese_text.encoder.torch_encoder import TorchEncoder as TorchEncoder
    from siamese_text.errors import BadData as BadData
    from siamese_text.errors import BadModel as BadModel
    from siamese_text.errors import BadOutput as BadOutput
    from siamese_text.errors import Interrupted as Interrupted
    from siamese_text.errors import MissingInput as MissingInput
    from siamese_text.errors import NothingToDo as NothingToDo
    from siamese_text.errors import SiameseTextError as SiameseTextError
    from siamese_text.errors import TextsCut as TextsCut
    from siamese_text.errors import TextsUnknown as TextsUnknown
    from siamese_text.errors import UsageError as UsageError
    from siamese_text.estimators.anomalies import AnomalyScores as AnomalyScores
    from siamese_text.estimators.cached_encoder import CachedEncoder as CachedEncoder
    from siamese_text.estimators.verifier import Tried as Tried
    from siamese_text.estimators.verifier import Verified as Verified
    from siamese_text.evaluation.comparison import Comparison as Comparison
    from siamese_text.evaluation.comparison import Difference as Difference
    from siamese_text.evaluation.evaluated_model import EvaluatedModel as EvaluatedModel
    from siamese_text.evaluation.evaluation import Evaluation as Evaluation
    from siamese_text.evaluation.labelled_predictions import LabelledPredictions as LabelledPredictions
    from siamese_text.evaluation.probe import ProbeFigures as ProbeFigures
    from siamese_text.evaluation.report.contents import EvaluationReport as EvaluationReport
    from siamese_text.evaluation.report.maps import MapSample as MapSample
    from siamese_text.evaluation.report.worst_errors import Piece as Piece
    from siamese_text.evaluation.report.worst_errors import WorstError as WorstError
    from siamese_text.evaluation.slices import SliceFigures as SliceFigures
    from siamese_text.evaluation.sweep import Spread as Spread
    from siamese_text.evaluation.sweep import SweepReport as SweepReport
    from siamese_text.evaluation.sweep_run import SweepRun as SweepRun
    from siamese_text.explain.occlusion import Explanation as Explanation
    from siamese_text.explain.occlusion import Link as Link
    from siamese_text.explain.occlusion import Removal as Removal
    from siamese_text.explain.occlusion import Word as Word
    from siamese_text.matching.matched import Matched as Matched
    from siamese_text.matching.review import Estimate as Estimate
    from siamese_text.plagiarism.finding.options import CheckOptions as CheckOptions
    from siamese_text.plagiarism.findings import Background as Background
    from siamese_text.plagiarism.findings import ChanceFindings as ChanceFindings
    from siamese_text.plagiarism.findings import CitationFault as CitationFault
    from siamese_text.plagiarism.findings import CitationFinding as CitationFinding
    from siamese_text.plagiarism.findings import DocumentFinding as DocumentFinding
    from siamese_text.plagiarism.findings import Evidence as Evidence
    from siamese_text.plagiarism.findings import Findings as Findings
    from siamese_text.plagiarism.findings import Match as Match
    from siamese_text.plagiarism.findings import PairFinding as PairFinding
    from siamese_text.plagiarism.findings import Reason as Reason
    from siamese_text.plagiarism.findings import Review as Review
    from siamese_text.plagiarism.pan.measures import FoundMeasures as FoundMeasures
    from siamese_text.plagiarism.pan.measures import PanMeasures as PanMeasures
    from siamese_text.plagiarism.pan.run import PanRow as PanRow
    from siamese_text.plagiarism.report.anonymous import anonymized as anonymized
    from siamese_text.plagiarism.report.rows import findings_as_dict as findings_as_dict
    from siamese_text.plagiarism.report.verify import Verification as Verification
    from siamese_text.plagiarism.report.verify import verify_report as verify_report
    from siamese_text.protocols import Encodes as Encodes
    from siamese_text.protocols import EncodesTokens as EncodesTokens
    from siamese_text.protocols import PredictsPairs as PredictsPairs
    from siamese_text.protocols import Progress as Progress
    from siamese_text.protocols import Stage as Stage
    from siamese_text.records import ComputeDtype as ComputeDtype
    from siamese_text.records import DataKind as DataKind
    from siamese_text.records import Document as Document
    from siamese_text.records import EncodeReport as EncodeReport
    from siamese_text.records import Example as Example
    from siamese_text.records import Hit as Hit
    from siamese_text.records import Note as Note
    from siamese_text.records import Pair as Pair
    from siamese_text.records import Passage as Passage
    from siamese_text.records import Place as Place
    from siamese_text.records import Predictions as Predictions
    from siamese_text.records import Span as Span
    from siamese_text.scoring.calibration import Isotonic as Isotonic
    from siamese_text.scoring.decision import Decision as Decision
    from siamese_text.scoring.decision import FittedOn as FittedOn
    from siamese_text.scoring.heads.alignment import AlignmentHead as AlignmentHead
    from siamese_text.scoring.heads.twin import TwinHead as TwinHead
    from siamese_text.scoring.pair_classifier import PairClassifier as PairClassifier
    from siamese_text.scoring.scores import BlendWeights as BlendWeights
    from siamese_text.scoring.scores import Scores as Scores
    from siamese_text.scoring.words_at_hand import WordsAtHand as WordsAtHand
    from siamese_text.search.changes import Changes as Changes
    from siamese_text.search.index import PassageIndex as PassageIndex
    from siamese_text.search.index_folder import IndexInfo as IndexInfo
    from siamese_text.search.inspection import IndexFacts as IndexFacts
    from siamese_text.search.places import has_index as has_index
    from siamese_text.search.places import shown_place as shown_place
    from siamese_text.search.postgres import PostgresIndex as PostgresIndex
    from siamese_text.search.similar import Similar as Similar
    from siamese_text.search.sources import SourceItem as SourceItem
    from siamese_text.search.sources import TextSource as TextSource
    from siamese_text.search.stores.base import VectorStore as VectorStore
    from siamese_text.settings import read_assignments as read_assignments
    from siamese_text.text.file_hashes import FileFacts as FileFacts
    from siamese_text.text.readers import listed_formats as listed_formats
    from siamese_text.training.distillation.corpus import Corpus as Corpus
    from siamese_text.training.distillation.report import DistillReport as DistillReport
    from siamese_text.training.distillation.run import DistillObserver as DistillObserver
    from siamese_text.training.distillation.settings import DistillSettings as DistillSettings
    from siamese_text.training.history import History as History
    from siamese_text.training.history import StepRecord as StepRecord
    from siamese_text.training.history import ValidationRecord as ValidationRecord
    from siamese_text.training.mixture import TrainingData as TrainingData
    from siamese_text.training.mixture import TrainSet as TrainSet
    from siamese_text.training.overrides import DistillOverrides as DistillOverrides
    from siamese_text.training.overrides import TrainOverrides as TrainOverrides
    from siamese_text.training.processes import is_main_process as is_main_process
    from siamese_text.training.report import TrainingReport as TrainingReport
    from siamese_text.training.run import RunObserver as RunObserver
    from siamese_text.training.settings import LoopSettings as LoopSettings
    from siamese_text.training.settings import MixtureEntry as MixtureEntry
    from siamese_text.training.settings import TrainSettings as TrainSettings
    from siamese_text.vectors.storage import Storage as Storage
    from siamese_text.vectors.stream import Embedded as Embedded
    from siamese_text.vectors.stream import Status as Status
    from siamese_text.vectors.word_order import append_word_order as append_word_order
else:  # hidden from type checkers, which would take any name for good
    HOMES = listed_names(__file__)
    # Names of 0.1, and what is written in their place now.
    OLD = {
        "Encoder": "load_encoder, or TorchEncoder for training",
        "Judgements": "Predictions",
        "examine": "evaluate(...), whose models hold it",
        "read_documents": "Index.build, which reads files and folders",
    }
    __all__ = sorted(HOMES)
    __getattr__ = loader(__name__, HOMES, OLD)
