"""The default model on another device: the same weights under the same name, or one sentence that says why not."""

import unittest

import numpy as np

from conversation_genome.embedding.export import load_packaged
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.errors import ModelUnavailableError
from tests_ap.unit.embedding.model_fixture import models_path, real_embedder


class DevicesTest(unittest.TestCase):
    def test_sentence_transformers_names_the_same_model_and_gives_the_same_vectors(self) -> None:
        other = load_packaged()
        self.assertEqual(other.model, real_embedder().model)
        np.testing.assert_allclose(other.embed(["weight loss"]), real_embedder().embed(["weight loss"]), atol=1e-5)

    def test_a_device_that_is_not_there_is_one_sentence(self) -> None:
        for device in ("cuda:99", "no device"):
            with self.assertRaisesRegex(ModelUnavailableError, device):
                load_embedder(models_path(), device=device)
