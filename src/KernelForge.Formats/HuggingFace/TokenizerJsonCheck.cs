using System.Text.Json;

namespace KernelForge.Formats.HuggingFace;

/// <summary>
/// What any reader of <c>tokenizer.json</c> relies on (https://huggingface.co/docs/tokenizers): a known model, ids inside the vocabulary and each given once,
/// merges of tokens that are there, sound added tokens. Says nothing of whether this version can tokenize with it.
/// </summary>
public static class TokenizerJsonCheck
{
    private const string FileName = "tokenizer.json";

    /// <summary>Checks the tokenizer of a folder; false where there is none.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="vocabulary">Rows of the embedding: every id must be below.</param>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    public static bool Check(string folder, long vocabulary)
    {
        if (!Path.Exists(Path.Combine(folder, FileName)))
            return false;
        using var document = JsonFile.Read(folder, FileName).Document;
        new Checker(Path.Combine(folder, FileName), vocabulary).Check(document.RootElement);
        return true;
    }

    private sealed class Checker(string path, long vocabulary)
    {
        private readonly Dictionary<string, long> _tokens = new(StringComparer.Ordinal);
        private readonly HashSet<long> _ids = [];

        public void Check(JsonElement root)
        {
            var model = Require(root, "model", "model", JsonValueKind.Object);
            var type = model.TryGetProperty("type", out var name) ? Text(name, "model.type") : "BPE";
            foreach (var stage in (string[])["normalizer", "pre_tokenizer", "post_processor", "decoder"])
                CheckStage(root, stage);
            switch (type)
            {
                case "BPE":
                    ReadVocabulary(model);
                    CheckMerges(Require(model, "merges", "model.merges", JsonValueKind.Array));
                    break;
                case "WordPiece" or "WordLevel":
                    ReadVocabulary(model);
                    break;
                case "Unigram":
                    ReadPieces(model);
                    break;
                default:
                    throw Error($"a tokenizer of type '{type}'; BPE, Unigram, WordPiece and WordLevel are known", "model.type");
            }

            CheckOptions(model);
            if (root.TryGetProperty("added_tokens", out var added) && added.ValueKind != JsonValueKind.Null)
                CheckAdded(added);
        }

        private void CheckStage(JsonElement root, string stage)
        {
            if (!root.TryGetProperty(stage, out var value) || value.ValueKind == JsonValueKind.Null)
                return;
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty("type", out var type))
                throw Error($"an object with a type is expected and {Shown(value)} stands there", stage);
            Text(type, stage + ".type");
        }

        private void CheckOptions(JsonElement model)
        {
            foreach (var option in model.EnumerateObject().Where(option => option.Value.ValueKind != JsonValueKind.Null))
            {
                var key = "model." + option.Name;
                switch (option.Name)
                {
                    case "unk_token" when !_tokens.ContainsKey(Text(option.Value, key)):
                        throw Error($"the unknown token '{option.Value}' is not in the vocabulary", key);
                    case "continuing_subword_prefix" or "end_of_word_suffix":
                        Text(option.Value, key);
                        break;
                    case "byte_fallback" or "fuse_unk" or "ignore_merges":
                        Flag(option.Value, key);
                        break;
                }
            }
        }

        private void ReadVocabulary(JsonElement model)
        {
            foreach (var token in Require(model, "vocab", "model.vocab", JsonValueKind.Object).EnumerateObject())
            {
                var id = Id(token.Value, $"model.vocab.{token.Name}");
                if (!_ids.Add(id))
                    throw Error($"a second token of id {id}", $"model.vocab.{token.Name}");
                _tokens.Add(token.Name, id);
            }

            if (_tokens.Count == 0)
                throw Error("the vocabulary is empty", "model.vocab");
        }

        private void ReadPieces(JsonElement model)
        {
            var pieces = Require(model, "vocab", "model.vocab", JsonValueKind.Array);
            if (pieces.GetArrayLength() is var count && (count == 0 || count > vocabulary))
                throw Error($"{count:N0} pieces for an embedding of {vocabulary:N0} rows", "model.vocab");
            var id = 0;
            foreach (var piece in pieces.EnumerateArray())
            {
                var key = $"model.vocab[{id}]";
                if (piece.ValueKind != JsonValueKind.Array || piece.GetArrayLength() != 2)
                    throw Error("a piece and its score are expected", key);
                if (piece[1].ValueKind != JsonValueKind.Number || !piece[1].TryGetDouble(out var score) || !double.IsFinite(score))
                    throw Error("the score is not a finite number", key);
                _ids.Add(id);
                if (!_tokens.TryAdd(Text(piece[0], key), id++))
                    throw Error($"the piece '{piece[0].GetString()}' stands in the list twice", key);
            }

            if (model.TryGetProperty("unk_id", out var unknown) && unknown.ValueKind != JsonValueKind.Null && Id(unknown, "model.unk_id") >= count)
                throw Error($"the id of the unknown piece is {unknown} and there are {count:N0} pieces", "model.unk_id");
        }

        private void CheckMerges(JsonElement merges)
        {
            var place = 0;
            foreach (var merge in merges.EnumerateArray())
            {
                var key = $"model.merges[{place++}]";
                var parts = merge.ValueKind switch
                {
                    JsonValueKind.String => merge.GetString()!.Split(' '),
                    JsonValueKind.Array => [.. merge.EnumerateArray().Select(part => Text(part, key))],
                    _ => throw Error("a merge is two tokens, as one text with a space between or as a list", key),
                };
                if (parts.Length != 2 || parts[0].Length == 0 || parts[1].Length == 0)
                    throw Error("a merge is not of two parts", key);
                if (parts.Append(parts[0] + parts[1]).FirstOrDefault(part => !_tokens.ContainsKey(part)) is { } missing)
                    throw Error($"the merge needs '{missing}', which is no token", key);
            }
        }

        private void CheckAdded(JsonElement added)
        {
            if (added.ValueKind != JsonValueKind.Array)
                throw Error("a list is expected", "added_tokens");
            var contents = new HashSet<string>(StringComparer.Ordinal);
            var ids = new HashSet<long>();
            var place = 0;
            foreach (var token in added.EnumerateArray())
            {
                var key = $"added_tokens[{place++}]";
                if (token.ValueKind != JsonValueKind.Object)
                    throw Error("an object is expected", key);
                var id = token.TryGetProperty("id", out var number) ? Id(number, key + ".id") : throw Error("a required key is missing", key + ".id");
                if (!ids.Add(id))
                    throw Error($"a second token of id {id}", key);
                if (!token.TryGetProperty("content", out var content) || !contents.Add(Text(content, key + ".content")) || content.GetString()!.Length == 0)
                    throw Error("a text of its own is expected", key);
                if (_tokens.TryGetValue(content.GetString()!, out var known) ? known != id : _ids.Contains(id))
                    throw Error($"'{content.GetString()}' has the id {id}, and the vocabulary says otherwise", key);
                foreach (var flag in token.EnumerateObject().Where(entry => entry.Name is "special" or "normalized" or "lstrip" or "rstrip" or "single_word"))
                    Flag(flag.Value, $"{key}.{flag.Name}");
            }
        }

        private long Id(JsonElement value, string key) =>
            value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var id) ? throw Error($"a token id is expected and {Shown(value)} stands there", key)
            : id >= 0 && id < vocabulary ? id
            : throw Error($"token id {id} in a vocabulary of {vocabulary:N0}", key);

        private void Flag(JsonElement value, string key)
        {
            if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                throw Error($"true or false is expected and {Shown(value)} stands there", key);
        }

        private string Text(JsonElement value, string key) =>
            value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Error($"text is expected and {Shown(value)} stands there", key);

        private JsonElement Require(JsonElement parent, string name, string key, JsonValueKind kind) =>
            !parent.TryGetProperty(name, out var value) ? throw Error("a required key is missing", key)
            : value.ValueKind == kind ? value
            : throw Error($"{(kind == JsonValueKind.Array ? "a list" : "an object")} is expected and {Shown(value)} stands there", key);

        private static string Shown(JsonElement value) => value.ValueKind is JsonValueKind.Number && value.GetRawText() is { Length: < 40 } text ? text : $"something of type {value.ValueKind}";

        private ModelFormatException Error(string problem, string key) => new(path, problem, key);
    }
}
