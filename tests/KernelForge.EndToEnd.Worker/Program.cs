using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Runtime.Loader;
using KernelForge;
using KernelForge.Runtime;

// Arguments: assembly, class, packed file, instruction set that must be selected, token ids with commas between, then runs as
// 'cache format/threads/chunk/whether machine code may run/lengths of the pieces with commas between/sessions that share each pass'. A run feeds as many of the tokens as its pieces hold.
// Writes the logits after each token of each run to standard output: [tokens, vocabulary] float32.
var (assembly, className, weights) = (args[0], args[1], args[2]);
var expected = Enum.Parse<SimdKind>(args[3]);
var tokens = Array.ConvertAll(args[4].Split(','), int.Parse);

// First the promise of the test: what was switched off is off. The names of the switches change between releases of .NET, and an unknown
// one is silently ignored.
var mustBeOff = new (SimdKind[] On, bool IsSupported, string Name)[]
{
    ([SimdKind.Avx512], Avx512F.IsSupported, "AVX-512"),
    ([SimdKind.Avx512, SimdKind.Avx2Vnni], AvxVnni.IsSupported, "AVX-VNNI"),
    ([SimdKind.Avx512, SimdKind.Avx2Vnni, SimdKind.Avx2], Avx2.IsSupported, "AVX2"),
}.Where(feature => !feature.On.Contains(expected) && feature.IsSupported).ToArray();
if (mustBeOff.Length > 0 || InstructionSets.Selected != expected)
{
    Console.Error.WriteLine($"{expected} is expected and {InstructionSets.Selected} selected; still on: {string.Join(", ", mustBeOff.Select(feature => feature.Name))}");
    return 2;
}

var load = AssemblyLoadContext.Default.LoadFromAssemblyPath(assembly).GetType(className, throwOnError: true)!.GetMethod("Load")!;
using var output = Console.OpenStandardOutput();
foreach (var run in args[5..].Select(run => run.Split('/')))
{
    var options = new ModelOptions { WeightsPath = weights, Cache = Enum.Parse<KeyValueFormat>(run[0]), Threads = int.Parse(run[1]), PrefillChunk = int.Parse(run[2]), UseMachineCode = bool.Parse(run[3]) };
    using var model = (LanguageModel)load.Invoke(null, [options])!;
    using var session = model.CreateSession();
    var pieces = Array.ConvertAll(run[4].Split(','), int.Parse);
    if (int.Parse(run[5]) is > 0 and var neighbours)
    {
        WriteWithNeighbours(model, session, tokens.AsSpan(0, pieces.Sum()), neighbours);
        continue;
    }
    foreach (var length in pieces)
    {
        var logits = new float[length * model.Vocabulary];
        session.Score(tokens.AsSpan(session.Length, length), logits);
        output.Write(MemoryMarshal.AsBytes<float>(logits));
    }
}
return 0;

// The neighbours have other tokens, at other positions; one is in the middle of a page, one begins with the session.
void WriteWithNeighbours(LanguageModel model, Session session, ReadOnlySpan<int> sequence, int count)
{
    Session[] all = [.. Enumerable.Range(0, count).Select(_ => model.CreateSession()), session];
    for (var i = 1; i < count; i++)
        all[i].PrefillGreedy(tokens.AsSpan(0, Math.Min(7 * i, tokens.Length / 2)));
    var next = new int[all.Length];
    for (var at = 0; at < sequence.Length; at++)
    {
        for (var i = 0; i < count; i++)
        {
            next[i] = tokens[(at * (i + 3)) % tokens.Length];
            all[i].Truncate(Math.Min(all[i].Length, tokens.Length / 2));
        }
        next[^1] = sequence[at];
        model.DecodeBatch(all, next);
        output.Write(MemoryMarshal.AsBytes(session.Logits));
    }
    foreach (var neighbour in all[..count])
        neighbour.Dispose();
}
