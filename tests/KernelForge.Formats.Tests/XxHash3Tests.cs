using System.Globalization;
using KernelForge.Packed;

namespace KernelForge.Formats.Tests;

/// <summary>XXH3 against <c>xxhsum -H3</c> 0.8.1, around every length at which the algorithm changes its way.</summary>
public class XxHash3Tests
{
    public static TheoryData<int, string> Vectors => new()
    {
        { 0, "2d06800538d394c2" }, { 1, "c44bdff4074eecdb" }, { 3, "a1c4a8259b827291" }, { 4, "bb4e3d89ee0b271d" }, { 8, "79d02238b80e37b1" },
        { 9, "f64cecc4271ff461" }, { 16, "222e9aead6bddd51" }, { 17, "47aad6b375eb4bba" }, { 64, "70a70e66815e67e5" }, { 128, "421a9c905c6e66ba" },
        { 129, "9e2414800f83768a" }, { 200, "20a87db907ce74e4" }, { 240, "b714c5fd22744964" }, { 241, "bc424a2c480dd281" }, { 256, "2d040b1ab40f0d78" },
        { 257, "d0515fbec69efb50" }, { 1024, "1fd15e7d36f5e1bc" }, { 1025, "fe08e5a874d23fd2" }, { 1088, "0ac7cf3a6009bab5" },
        { 5000, "853377ef13cec7bd" }, { 100000, "1d43ec753d462301" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Hash_equals_the_published_tool(int length, string expected)
    {
        XxHash3.Compute(Input(length)).ToString("x16", CultureInfo.InvariantCulture).ShouldBe(expected);
    }

    [Fact]
    public void Pieces_give_the_hash_of_the_whole()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var input = Input(random.Next(3000));
            var hash = new XxHash3();
            for (var done = 0; done < input.Length;)
            {
                var piece = Math.Min(random.Next(500), input.Length - done);
                hash.Append(input.AsSpan(done, piece));
                done += piece;
            }
            hash.Finish().ShouldBe(XxHash3.Compute(input), $"length {input.Length}");
        }
    }

    private static byte[] Input(int length) => Enumerable.Range(0, length).Select(i => (byte)((i * 2654435761L) >> 13)).ToArray();
}
