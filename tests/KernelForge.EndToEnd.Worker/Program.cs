using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Runtime.Loader;
using KernelForge;
using KernelForge.Runtime;

// Arguments: assembly, class, packed file, cache format, threads, instruction set that must be selected, token ids with commas between.
// Writes the logits after each token to standard output: [tokens, vocabulary] float32.
var (assembly, className, weights) = (args[0], args[1], args[2]);
var format = Enum.Parse<KeyValueFormat>(args[3]);
var threads = int.Parse(args[4]);
var expected = Enum.Parse<SimdKind>(args[5]);
var tokens = Array.ConvertAll(args[6].Split(','), int.Parse);

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

var type = AssemblyLoadContext.Default.LoadFromAssemblyPath(assembly).GetType(className, throwOnError: true)!;
var options = new ModelOptions { WeightsPath = weights, Threads = threads, Cache = format };
using var model = (LanguageModel)type.GetMethod("Load")!.Invoke(null, [options])!;
using var session = model.CreateSession();
var logits = new float[tokens.Length * model.Vocabulary];
session.Score(tokens, logits);
using var output = Console.OpenStandardOutput();
output.Write(MemoryMarshal.AsBytes<float>(logits));
return 0;
