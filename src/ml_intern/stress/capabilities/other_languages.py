"""Sentences in other languages that ask for nothing in particular must not get much confidence."""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import NOT_ENGLISH, Capability, Drafts, Material, unanswerable

TEXTS = (
    "Guten Tag, können Sie mir bitte helfen?",
    "Ich habe eine Frage und warte seit gestern.",
    "Das gefällt mir gar nicht, ehrlich gesagt.",
    "Bonjour, est-ce que quelqu'un peut m'aider ?",
    "Je ne comprends pas ce qui se passe ici.",
    "Merci beaucoup, c'était très gentil.",
    "Hola, necesito un poco de ayuda.",
    "No entiendo nada de todo esto.",
    "Mañana vuelvo a intentarlo.",
    "Buongiorno, avrei una domanda.",
    "Non so proprio che cosa fare.",
    "Olá, alguém me pode ajudar?",
    "Não percebi o que aconteceu.",
    "Goedendag, kunt u mij helpen?",
    "Ik weet niet meer wat ik moet doen.",
    "Dzień dobry, mam pytanie.",
    "Nie wiem, co mam teraz zrobić.",
    "Здравствуйте, помогите, пожалуйста.",
    "Я ничего не понимаю.",
    "Merhaba, bana yardım eder misiniz?",
    "Ne yapacağımı bilmiyorum.",
    "こんにちは、手伝ってもらえますか。",
    "你好，可以帮我一下吗？",
    "안녕하세요, 도와주실 수 있나요?",
    "नमस्ते, क्या आप मेरी मदद कर सकते हैं?",
    "مرحبا، هل يمكنك مساعدتي؟",
)


def make(material: Material) -> Drafts | str:
    """The sentences, where the model was made for English."""
    if material.closed:
        return material.closed
    return unanswerable(material, TEXTS) if material.english else NOT_ENGLISH


CAPABILITY = Capability(
    "other_languages",
    "Sentences in other languages",
    TestKind.MINIMUM_FUNCTIONALITY,
    "No class gets more than half of the way from chance to certainty.",
    make,
)
