"""All tools, in the order of the stages that offer them."""

from ml_intern.tools.accept_task import accept_task
from ml_intern.tools.ask_researcher import ask_researcher
from ml_intern.tools.ask_user import ask_user
from ml_intern.tools.compare_approaches import compare_approaches
from ml_intern.tools.draft_script import draft_script
from ml_intern.tools.edit_script import edit_script
from ml_intern.tools.evaluate_model import evaluate_model
from ml_intern.tools.find_dataset import find_dataset
from ml_intern.tools.inspect_data import inspect_data
from ml_intern.tools.look_at import look_at
from ml_intern.tools.look_up_library import look_up_library
from ml_intern.tools.note import note
from ml_intern.tools.package_model import package_model
from ml_intern.tools.plan_publication import plan_publication
from ml_intern.tools.propose_plan import propose_plan
from ml_intern.tools.publish_model import publish_model
from ml_intern.tools.read_card import read_card
from ml_intern.tools.read_notes import read_notes
from ml_intern.tools.read_paper import read_paper
from ml_intern.tools.read_script import read_script
from ml_intern.tools.read_web_docs import read_web_docs
from ml_intern.tools.replace_in_script import replace_in_script
from ml_intern.tools.request_approval import request_approval
from ml_intern.tools.run_baselines import run_baselines
from ml_intern.tools.run_command import run_command
from ml_intern.tools.run_smoke_test import run_smoke_test
from ml_intern.tools.sample_rows import sample_rows
from ml_intern.tools.search_code import search_code
from ml_intern.tools.search_hub import search_hub
from ml_intern.tools.search_papers import search_papers
from ml_intern.tools.stop_run import stop_run
from ml_intern.tools.stress_model import stress_model
from ml_intern.tools.suggest_improvements import suggest_improvements
from ml_intern.tools.train_model import train_model
from ml_intern.tools.try_demo import try_demo

TOOLS = (
    accept_task,
    ask_user,
    search_hub,
    read_card,
    search_papers,
    read_paper,
    search_code,
    read_web_docs,
    ask_researcher,
    note,
    read_notes,
    find_dataset,
    compare_approaches,
    inspect_data,
    run_baselines,
    draft_script,
    edit_script,
    read_script,
    replace_in_script,
    sample_rows,
    run_command,
    run_smoke_test,
    propose_plan,
    request_approval,
    train_model,
    evaluate_model,
    stress_model,
    suggest_improvements,
    package_model,
    try_demo,
    plan_publication,
    publish_model,
    look_at,
    look_up_library,
    stop_run,
)
