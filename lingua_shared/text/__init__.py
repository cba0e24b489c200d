"""What the engine knows of texts: sentences, words, entities, headings, languages, token counts, spans. No models."""
