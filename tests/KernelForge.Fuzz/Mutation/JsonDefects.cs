using System.Text;
using System.Text.Json;

namespace KernelForge.Fuzz.Mutation;

/// <summary>One defect of a JSON text: some of its bytes replaced by others.</summary>
/// <param name="What">In words.</param>
/// <param name="Start">First byte replaced.</param>
/// <param name="End">Behind the last.</param>
/// <param name="With">What stands there instead.</param>
internal sealed record JsonDefect(string What, int Start, int End, byte[] With)
{
    /// <summary>The text with the defect.</summary>
    public byte[] ApplyTo(byte[] json) => [.. json[..Start], .. With, .. json[End..]];
}

/// <summary>Defects of every value and every member of a JSON text.</summary>
internal static class JsonDefects
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "1", "-1", "3", "63", "64", "65", "0.5", "1e400", "-0.0", "2147483647", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808",
        "1" + new string('0', 400), "\"\"", "\"x\"", "\"\\u0000\"", "\"\\ud800\"", "\"../x.safetensors\"", "\"/etc/hostname\"", "\"\u00e9\u0301\"", "[]", "{}", "[[]]", "[0]", "[-1]", "{\"x\":0}", "[null]", "NaN", "'x'", "",
        new string('[', 70) + new string(']', 70), new string('[', 20_000), "\"" + new string('a', 5000) + "\"",
    ];

    /// <summary>Every defect that the text can be given; the text itself is sound.</summary>
    public static List<JsonDefect> All(byte[] json)
    {
        var defects = new List<JsonDefect>();
        var reader = new Utf8JsonReader(json);
        var open = new Stack<int>();
        var member = -1;
        var path = "";
        while (reader.Read())
        {
            var (start, end) = ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    member = start;
                    path = reader.GetString()!;
                    defects.Add(new($"{path}: another name", start, end, "\"other\":"u8.ToArray()));
                    defects.Add(new($"{path}: a broken name", start, end, [(byte)'"', 0xFF, (byte)'"', (byte)':']));
                    defects.Add(new($"{path}: before it the same name", start, start, [.. json[start..end], .. "0,"u8]));
                    continue;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    open.Push(start);
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    Replace(defects, path, open.Pop(), end);
                    continue;
                default:
                    Replace(defects, path, start, end);
                    if (member >= 0)
                        defects.Add(new($"{path}: missing", member, end, "\"other\":0"u8.ToArray()));
                    member = -1;
                    break;
            }
        }

        return defects;
    }

    private static void Replace(List<JsonDefect> defects, string path, int start, int end)
    {
        foreach (var value in Values)
            defects.Add(new($"{path}: {value[..Math.Min(24, value.Length)]}", start, end, Encoding.UTF8.GetBytes(value)));
        defects.Add(new($"{path}: bytes that are no text", start, end, [.. "\""u8, 0xC3, 0x28, .. "\""u8]));
    }
}
