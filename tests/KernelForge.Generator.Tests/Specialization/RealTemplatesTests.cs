using System.Diagnostics;
using System.Reflection;
using System.Runtime.Intrinsics.X86;
using KernelForge.Generator.Specialization;
using KernelForge.Generator.Tests.Harness;

namespace KernelForge.Generator.Tests.Specialization;

/// <summary>The kernels themselves: every template specialised for every instruction set compiles, and computes what the template as it stands does.</summary>
public class RealTemplatesTests
{
    public static TheoryData<SimdKind> Kinds => [.. Enum.GetValues<SimdKind>()];

    private static readonly Lazy<Dictionary<string, byte[]>> Expected = new(() =>
        KernelCase.All().DistinctBy(c => c.Name).ToDictionary(c => c.Name, c => c.RunTemplate(), StringComparer.Ordinal));

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public void Specialised_kernels_equal_their_templates_bit_for_bit(SimdKind kind)
    {
        var cases = KernelCase.All().DistinctBy(c => c.Name).ToList();
        var type = SpecializedCode.CompileMembers(Render(kind, cases));
        Skip.IfNot(IsSupported(kind), $"{kind} compiles, but this processor cannot run it.");
        foreach (var kernel in cases)
        {
            kernel.Run(type.GetMethod(kernel.Name, BindingFlags.Static | BindingFlags.NonPublic)!).AsSpan()
                .SequenceEqual(Expected.Value[kernel.Name]).ShouldBeTrue($"{kind} {kernel.Name}");
        }
    }

    [Fact]
    public void Instruction_set_classes_have_the_same_members()
    {
        var members = Enum.GetNames<SimdKind>()
            .Select(kind => typeof(Kernels.PortableSimd).Assembly.GetType($"KernelForge.Kernels.{kind}Simd", throwOnError: true)!)
            .Select(type => string.Join(' ', type.GetMembers(BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly).Select(m => m.Name).Order(StringComparer.Ordinal)))
            .Distinct(StringComparer.Ordinal);
        members.ShouldHaveSingleItem();
    }

    [Fact]
    public void Residual_matrix_product_for_Avx512_is_what_was_reviewed()
    {
        var specializer = new Specializer(TemplateLibrary.Default, SimdKind.Avx512);
        specializer.Request("MatMulInt.Run", "Output", SpecializedCode.Constants("layout=Int4Minimum, activations=Int12, tokenTile=6"), "ResidualEpilogue");
        Snapshot.ShouldMatch(specializer.Render(indent: 0), "MatMulInt.Avx512Residual");
    }

    [Fact]
    [Trait("Category", "Long")]
    public void All_kernels_of_a_model_for_all_instruction_sets_take_well_under_half_a_second()
    {
        var cases = KernelCase.All().DistinctBy(c => c.Name).ToList();
        foreach (var kind in Enum.GetValues<SimdKind>())
        {
            Render(kind, cases); // reads the templates
        }
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            var clock = Stopwatch.StartNew();
            foreach (var kind in Enum.GetValues<SimdKind>())
            {
                Render(kind, cases);
            }
            best = clock.Elapsed < best ? clock.Elapsed : best;
        }
        best.ShouldBeLessThan(TimeSpan.FromSeconds(2)); // 4 times a model's kernels, on a machine that may be busy
    }

    private static string Render(SimdKind kind, IEnumerable<KernelCase> cases)
    {
        var specializer = new Specializer(TemplateLibrary.Default, kind);
        foreach (var kernel in cases)
        {
            specializer.Request(kernel.Template, kernel.Name, SpecializedCode.Constants(kernel.Constants), kernel.Epilogue);
        }
        return specializer.Render();
    }

    private static bool IsSupported(SimdKind kind) => kind switch
    {
        SimdKind.Portable => true,
        SimdKind.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        SimdKind.Avx2Vnni => Avx2.IsSupported && Fma.IsSupported && AvxVnni.IsSupported,
        SimdKind.Avx512 => Avx512BW.VL.IsSupported && Avx512DQ.VL.IsSupported,
        _ => System.Runtime.Intrinsics.Arm.Dp.IsSupported,
    };
}
