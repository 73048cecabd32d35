using System.Text;
using KernelForge.Generation;

namespace KernelForge.Runtime.Tests;

public sealed class StopMatcherTests
{
    [Fact]
    public void No_part_of_a_stop_text_gets_out_however_the_text_is_cut()
    {
        string[] alphabet = ["a", "b", "ab", "é", "€"];
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            string[] stops = [Text(1 + random.Next(4)), Text(1 + random.Next(3))];
            var text = Text(random.Next(14));
            var bytes = Encoding.UTF8.GetBytes(text);
            var matcher = new StopMatcher(stops);
            var output = new List<byte>();
            for (var at = 0; at < bytes.Length && !matcher.Matched;)
            {
                var length = 1 + random.Next(bytes.Length - at);
                output.AddRange(matcher.Add(bytes.AsSpan(at, length)).ToArray());
                at += length;
                var released = Encoding.UTF8.GetString(output.ToArray());
                if (!matcher.Matched)
                    stops.ShouldAllBe(stop => !Enumerable.Range(1, stop.Length - 1).Any(n => released.EndsWith(stop.Substring(0, n), StringComparison.Ordinal)));
            }
            output.AddRange(matcher.Flush().ToArray());

            var ends = stops.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).ToArray();
            var expected = ends.Length == 0 ? text : text[..ends.Min()];
            Encoding.UTF8.GetString(output.ToArray()).ShouldBe(expected, $"'{text}' with stops '{string.Join("', '", stops)}'");
            matcher.Matched.ShouldBe(ends.Length > 0);
        }

        string Text(int parts) => string.Concat(Enumerable.Range(0, parts).Select(_ => alphabet[random.Next(alphabet.Length)]));
    }

    [Fact]
    public void Without_stop_texts_everything_passes_at_once()
    {
        var matcher = new StopMatcher([]);
        Encoding.UTF8.GetString(matcher.Add("abc"u8)).ShouldBe("abc");
        matcher.Flush().Length.ShouldBe(0);
    }
}
