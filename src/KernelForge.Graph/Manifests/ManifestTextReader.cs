using System.Globalization;
using System.Text;

namespace KernelForge.Manifests;

/// <summary>Reads what <see cref="ManifestText"/> writes, once from front to back.</summary>
internal sealed class ManifestTextReader(string text)
{
    private readonly List<MetadataEntry> _metadata = [];
    private readonly List<TensorEntry> _tensors = [];
    private SourceIdentity _source = new(string.Empty, 0, string.Empty);
    private string? _architecture;
    private ModelProblem? _problem;
    private int _position;
    private int _line;

    public ManifestReadResult Read()
    {
        try
        {
            ReadLines();
        }
        catch (FormatException e)
        {
            var message = $"The manifest is damaged in line {_line}: {e.Message} Delete it and build again, so that it is written anew.";
            return new ManifestReadResult(_source.FileName, null, new ModelProblem(ProblemCodes.ManifestDamaged, message));
        }

        if (_problem is not null)
            return new ManifestReadResult(_source.FileName, null, _problem);
        var manifest = new Manifest(_source, _architecture!, _metadata.ToEquatableArray(), _tensors.ToEquatableArray());
        return new ManifestReadResult(_source.FileName, manifest, null);
    }

    private void ReadLines()
    {
        if (NextLine() is not { } first || first != ManifestText.Version)
            throw new FormatException("the first line does not name a version that this compiler reads.");
        while (true)
        {
            var line = NextLine() ?? throw new FormatException("the last line is missing.");
            if (line == ManifestText.End)
                break;
            ReadLine(line.Split('\t'));
        }

        if (_architecture is null && _problem is null)
            throw new FormatException("there is no architecture line.");
    }

    private string? NextLine()
    {
        if (_position >= text.Length)
            return null;
        _line++;
        var end = text.IndexOf('\n', _position);
        if (end < 0)
            end = text.Length;
        // A checkout may have turned line ends into CR LF; a field never holds a bare CR.
        var length = end - _position;
        if (length > 0 && text[end - 1] == '\r')
            length--;
        var line = text.Substring(_position, length);
        _position = end + 1;
        return line;
    }

    private void ReadLine(string[] fields)
    {
        switch (fields[0], fields.Length)
        {
            case ("source", 4):
                _source = new SourceIdentity(Unescape(fields[1]), Number(fields[2]), Unescape(fields[3]));
                break;
            case ("architecture", 2):
                _architecture = Unescape(fields[1]);
                break;
            case ("meta", 4):
                _metadata.Add(new MetadataEntry(Unescape(fields[1]), Type(fields[2]), Unescape(fields[3])));
                break;
            case ("tensor", 6):
                _tensors.Add(new TensorEntry(
                    Unescape(fields[1]), (int)Number(fields[2], int.MaxValue), Shape(fields[3]), Number(fields[4]), Number(fields[5])));
                break;
            case ("problem", 4):
                var where = Unescape(fields[3]);
                _problem = new ModelProblem(Unescape(fields[1]), Unescape(fields[2]), where.Length == 0 ? null : where);
                break;
            default:
                throw new FormatException($"'{Shorten(fields[0])}' with {fields.Length - 1} fields is no entry.");
        }
    }

    private static EquatableArray<long> Shape(string field) =>
        field.Length == 0 ? default : field.Split('x').Select(part => Number(part)).ToEquatableArray();

    private static long Number(string field, long most = long.MaxValue) =>
        long.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= most
            ? value
            : throw new FormatException($"'{Shorten(field)}' is no number between 0 and {most}.");

    private static MetadataType Type(string field) => field switch
    {
        nameof(MetadataType.Integer) => MetadataType.Integer,
        nameof(MetadataType.Float) => MetadataType.Float,
        nameof(MetadataType.Boolean) => MetadataType.Boolean,
        nameof(MetadataType.String) => MetadataType.String,
        nameof(MetadataType.IntegerArray) => MetadataType.IntegerArray,
        nameof(MetadataType.FloatArray) => MetadataType.FloatArray,
        nameof(MetadataType.Null) => MetadataType.Null,
        _ => throw new FormatException($"'{Shorten(field)}' is no type of a value."),
    };

    private static string Unescape(string field)
    {
        if (field.IndexOf('\\') < 0)
            return field;
        var plain = new StringBuilder(field.Length);
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] != '\\')
            {
                plain.Append(field[i]);
                continue;
            }

            i++;
            plain.Append((i < field.Length ? field[i] : '\0') switch
            {
                '\\' => '\\',
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                'u' => CodeUnit(field, ref i),
                _ => throw new FormatException("a backslash stands before something that is no escape."),
            });
        }

        return plain.ToString();
    }

    private static char CodeUnit(string field, ref int i)
    {
        if (i + 4 >= field.Length
            || !ushort.TryParse(field.Substring(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
        {
            throw new FormatException("\\u is not followed by four hexadecimal digits.");
        }

        i += 4;
        return (char)unit;
    }

    private static string Shorten(string field) => field.Length <= 40 ? field : field.Substring(0, 40) + "...";
}
