using System.Globalization;
using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Reads the <c>model</c> of <c>tokenizer.json</c>: vocabulary, merges or scores.</summary>
internal sealed class ModelReader
{
    private readonly TokenizerElement _model;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    private ModelReader(TokenizerElement model)
    {
        _model = model;
        Type = TypeOf(model);
        if (Type == "Unigram")
            ReadPieces();
        else
            ReadVocabulary();
        Unknown = Type == "Unigram" ? model.Find("unk_id")?.AsId() ?? -1 : model.Text("unk_token") is { } unknown ? _ids.GetValueOrDefault(unknown, -1) : -1;
    }

    /// <summary><c>BPE</c>, <c>Unigram</c> or <c>WordPiece</c>.</summary>
    public string Type { get; }

    /// <summary>The ids of the spellings.</summary>
    public IReadOnlyDictionary<string, int> Ids => _ids;

    /// <summary>The highest id.</summary>
    public int LastId { get; private set; } = -1;

    /// <summary>The token for what is unknown, or -1.</summary>
    public int Unknown { get; }

    /// <summary>Whether unknown characters become the tokens of their bytes.</summary>
    public bool FallsBackToBytes => _model.Flag("byte_fallback", absent: false);

    /// <summary>The logarithms of the probabilities, by id; of a unigram model.</summary>
    public List<double> Scores { get; } = [];

    public static ModelReader Read(TokenizerElement model) => new(model);

    /// <summary>What the model expects.</summary>
    public TokenizerFlags Flags()
    {
        var flags = TokenizerFlags.None;
        if (Unknown >= 0)
            flags |= TokenizerFlags.WritesUnknown;
        if (Type == "Unigram" || _model.Flag("fuse_unk", absent: false))
            flags |= TokenizerFlags.FuseUnknown;
        if (_model.Flag("ignore_merges", absent: false))
            flags |= TokenizerFlags.WholeWords;
        if (FallsBackToBytes)
            flags |= TokenizerFlags.ByteFallback;
        return flags;
    }

    /// <summary>The merges of byte-pair encoding.</summary>
    public MergeSlot[] ReadMerges()
    {
        RefuseSettings("continuing_subword_prefix", "end_of_word_suffix");
        if (_model.Find("dropout") is { } dropout && dropout.AsNumber() != 0)
            throw dropout.NotSupported("a dropout of merges");
        var merges = new Dictionary<(uint, uint), MergeSlot>();
        var rank = 0u;
        foreach (var item in _model.Require("merges").Items())
        {
            var (left, right) = Parts(item);
            if (!_ids.TryGetValue(left, out var leftId) || !_ids.TryGetValue(right, out var rightId) || !_ids.TryGetValue(left + right, out var result))
                throw item.Error("a part or the result of this merge is no token");

            // Where a pair is listed twice the later one counts.
            merges[((uint)leftId, (uint)rightId)] = new MergeSlot { Left = (uint)leftId, Right = (uint)rightId, Rank = rank++, Result = (uint)result };
        }

        return [.. merges.Values];
    }

    /// <summary>What continues a word (WordPiece).</summary>
    public string ContinuingPrefix() => _model.Text("continuing_subword_prefix") is not "" and var prefix ? prefix ?? "##" : throw _model.NotSupported("an empty continuing_subword_prefix");

    /// <summary>Characters that a word may have (WordPiece).</summary>
    public uint LongestInput() => (uint)(_model.Find("max_input_chars_per_word")?.AsId() ?? 100);

    /// <summary>The byte that a spelling such as <c>&lt;0x0A&gt;</c> stands for, or -1.</summary>
    public static int ByteOf(string spelling) =>
        spelling is ['<', '0', 'x', _, _, '>'] && byte.TryParse(spelling.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value) ? value : -1;

    // Files of old versions do not name the type.
    private static string TypeOf(TokenizerElement model) => model.Text("type") switch
    {
        "BPE" or "Unigram" or "WordPiece" => model.Text("type")!,
        null when model.Find("merges") is not null => "BPE",
        null when model.Find("unk_id") is not null => "Unigram",
        null when model.Find("max_input_chars_per_word") is not null => "WordPiece",
        var other => throw model.NotSupported($"the model '{other}'"),
    };

    private static (string Left, string Right) Parts(TokenizerElement merge)
    {
        var parts = merge.Value.ValueKind == System.Text.Json.JsonValueKind.Array ? [.. merge.Items().Select(static part => part.AsText())] : merge.AsText().Split(' ');
        return parts is [{ Length: > 0 } left, { Length: > 0 } right] ? (left, right) : throw merge.Error("two parts are expected");
    }

    private void RefuseSettings(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (_model.Text(key) is { Length: > 0 } value)
                throw _model.Require(key).NotSupported($"'{value}' here");
        }
    }

    private void ReadVocabulary()
    {
        foreach (var (spelling, id) in _model.Require("vocab").Members())
            Add(spelling, id.AsId(), id);
    }

    private void ReadPieces()
    {
        foreach (var item in _model.Require("vocab").Items())
        {
            if (item.Items().ToArray() is not [var spelling, var score])
                throw item.Error("a token and its score are expected");
            Add(spelling.AsText(), Scores.Count, item);
            Scores.Add(ScoreParser.Parse(score));
        }
    }

    private void Add(string spelling, int id, TokenizerElement where)
    {
        if (id > TokenizerJson.LastPossibleId)
            throw where.Error($"token id {id} is larger than any vocabulary");

        // SentencePiece vocabularies may list a piece twice; it is the last.
        _ids[spelling] = id;
        LastId = Math.Max(LastId, id);
    }
}
