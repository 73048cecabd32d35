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
            var found = stops.Select(stop => (Start: text.IndexOf(stop, StringComparison.Ordinal), stop.Length)).Where(at => at.Start >= 0).ToArray();
            var first = found.OrderBy(at => at.Start + at.Length).ThenBy(at => at.Start).FirstOrDefault((Start: text.Length, Length: 0));
            var expected = Encoding.UTF8.GetBytes(text[..first.Start]);
            var matcher = new StopMatcher(stops);
            var output = new List<byte>();
            for (var at = 0; at < bytes.Length && !matcher.Matched;)
            {
                var length = 1 + random.Next(bytes.Length - at);
                output.AddRange(matcher.Add(bytes.AsSpan(at, length)).ToArray());
                at += length;
                expected.Take(output.Count).ShouldBe(output);
            }
            output.AddRange(matcher.Flush().ToArray());

            output.ToArray().ShouldBe(expected, $"'{text}' with stops '{string.Join("', '", stops)}'");
            matcher.Matched.ShouldBe(found.Length > 0);
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
