using KernelForge.Generator.Specialization;

namespace KernelForge.Generator.Tests.Specialization;

/// <summary>Register arrays, inlining, helpers, epilogues and instruction sets.</summary>
public class RegistersAndCallsTests
{
    private const string Sum = """
        [KernelTemplate]
        public static unsafe class Sums
        {
            public static void Add([Constant] int n, float* x, nint count, float* y)
            {
                var acc = new Registers<FloatVector>(n);
                for (nint i = 0; i < count; i++)
                    Step(n, x + i, ref acc);
                foreach (var i in Unroll.Range(n))
                    Epilogue.Apply(y, i, acc[i][0]);
            }

            private static void Step([Constant] int n, float* x, ref Registers<FloatVector> sum)
            {
                foreach (var i in Unroll.Range(n))
                    sum[i] = Simd.Add(sum[i], Simd.Load(x + (i * Simd.Width)));
            }
        }

        [KernelTemplate]
        public static unsafe class Plus
        {
            public static void Apply(float* y, nint row, float value) => y[row] += value;
        }

        [KernelTemplate]
        public static unsafe class Minus
        {
            public static void Apply(float* y, nint row, float value) => y[row] -= value;
        }
        """;

    [Fact]
    public void Registers_become_locals_and_their_methods_are_inlined() => SpecializedCode.Specialize(Sum, "Sums.Add", "n=2", "Plus", SimdKind.Avx512).ShouldBe(
        """
        // Sums.Add: n = 2, epilogue = Plus
        [global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]
        internal static unsafe void Run(float* x, nint count, float* y)
        {
            global::System.Runtime.Intrinsics.Vector512<float> acc0 = default, acc1 = default;
            for (nint i = 0; i < count; i++)
            {
                {
                    float* x_2 = x + i;
                    acc0 = Add(acc0, Load(x_2));
                    acc1 = Add(acc1, Load(x_2 + 16));
                }
            }
            Plus_Apply(y, 0, acc0[0]);
            Plus_Apply(y, 1, acc1[0]);
        }

        private static unsafe void Plus_Apply(float* y, nint row, float value) => y[row] += value;

        [global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
        private static unsafe global::System.Runtime.Intrinsics.Vector512<float> Add(global::System.Runtime.Intrinsics.Vector512<float> a, global::System.Runtime.Intrinsics.Vector512<float> b) => a + b;

        [global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
        private static unsafe global::System.Runtime.Intrinsics.Vector512<float> Load(float* p) => global::System.Runtime.Intrinsics.Vector512.Load(p);

        """);

    [Theory]
    [InlineData(SimdKind.Avx512, "Vector512<float>", "16")]
    [InlineData(SimdKind.Avx2Vnni, "Vector256<float>", "8")]
    [InlineData(SimdKind.Avx2, "Vector256<float>", "8")]
    [InlineData(SimdKind.AdvSimd, "Vector128<float>", "4")]
    [InlineData(SimdKind.Portable, "Vector128<float>", "4")]
    public void Simd_and_its_vectors_are_those_of_the_kind(SimdKind kind, string vector, string width)
    {
        var code = SpecializedCode.Specialize(Sum, "Sums.Add", "n=2", "Minus", kind);
        SpecializedCode.CompileMembers(code);
        code.ShouldContain(vector);
        code.ShouldContain($"Load(x_2 + {width})");
    }

    [Fact]
    public void Locals_of_an_inlined_method_get_free_names()
    {
        const string template = """
            [KernelTemplate]
            public static unsafe class T
            {
                public static int F(int* p)
                {
                    var acc = new Registers<int>(2);
                    var sum = p[0];
                    G(sum + 1, ref acc);
                    G(sum, ref acc);
                    return acc[0] + acc[1] + sum;
                }

                private static void G(int x, ref Registers<int> r)
                {
                    var sum = x * x;
                    var acc1 = sum + x;
                    r[0] = sum;
                    r[1] = acc1;
                }
            }
            """;
        var code = SpecializedCode.Specialize(template, "T.F");
        SpecializedCode.CompileMembers(code);
        code.ShouldBe(
            """
            [global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]
            internal static unsafe int Run(int* p)
            {
                int acc0 = default, acc1 = default;
                var sum = p[0];
                {
                    int x = sum + 1;
                    var sum_2 = x * x;
                    var acc1_2 = sum_2 + x;
                    acc0 = sum_2;
                    acc1 = acc1_2;
                }
                {
                    var sum_2 = sum * sum;
                    var acc1_2 = sum_2 + sum;
                    acc0 = sum_2;
                    acc1 = acc1_2;
                }
                return acc0 + acc1 + sum;
            }

            """);
    }

    [Fact]
    public void Helpers_are_shared_by_their_constants()
    {
        const string template = """
            [KernelTemplate]
            public static unsafe class T
            {
                public static int F(int x) { return Times(2, x) + Times(3, x) + Times(2, x + 1); }
                private static int Times([Constant] int n, int x) { var y = x * n; return y; }
            }
            """;
        var code = SpecializedCode.Specialize(template, "T.F");
        SpecializedCode.CompileMembers(code);
        code.ShouldContain("return T_Times_2(x) + T_Times_3(x) + T_Times_2(x + 1);");
        code.Split("int T_Times_2(").Length.ShouldBe(2);
    }

    [Fact]
    public void Equal_requests_share_a_method_and_output_is_the_same_every_time()
    {
        var library = SpecializedCode.Library(Sum);
        string Render()
        {
            var specializer = new Specializer(library, SimdKind.Avx2);
            specializer.Request("Sums.Add", "First", SpecializedCode.Constants("n=1"), "Plus").ShouldBe("First");
            specializer.Request("Sums.Add", "Second", SpecializedCode.Constants("n=1"), "Plus").ShouldBe("First");
            specializer.Request("Sums.Add", "Third", SpecializedCode.Constants("n=1"), "Minus").ShouldBe("Third");
            var code = specializer.Render();
            specializer.Render().ShouldBe(code);
            return code;
        }
        Render().ShouldBe(Render());
        SpecializedCode.CompileMembers(Render());
    }

    [Theory]
    [InlineData("Sums.Add", "n=1", null, "'Sums.Add' needs an epilogue.")]
    [InlineData("Sums.Add", "", "Plus", "'Sums.Add' needs the constant 'n'.")]
    [InlineData("Sums.Add", "n=1, m=2", "Plus", "'Sums.Add' has no constant parameter 'm'.")]
    [InlineData("Sums.Add", "n=one", "Plus", "'one' is no value of the constant 'n' (int) of 'Sums.Add'.")]
    [InlineData("Sums.Less", "", null, "Template.cs: 'Sums' has no method 'Less'.")]
    [InlineData("Sum.Add", "", null, "There is no template class 'Sum'. There are: AdvSimdSimd, Avx2Simd, Avx2VnniSimd, Avx512Simd, Minus, Plus, PortableSimd, Sums.")]
    [InlineData("Plus.Apply", "", "Plus", "'Plus.Apply' has no epilogue hole for 'Plus'.")]
    [InlineData("Sums.Step", "n=1", null, "'Sums.Step' takes register arrays, so it can only be called by another template.")]
    public void A_bad_request_says_what_is_wrong(string method, string constants, string? epilogue, string message) =>
        Should.Throw<TemplateException>(() => SpecializedCode.Specialize(Sum, method, constants, epilogue)).Message.ShouldBe(message);

    [Theory]
    [InlineData("var r = new Registers<int>(2); r[n] = 1; return r[0];", "Template.cs(2,120): Register 2 of 'r', which has 2.")]
    [InlineData("return n switch { 0 => 1, 1 => 2 };", "Template.cs(2,96): No arm of this switch serves 2.")]
    [InlineData("return 7 / (n - 2);", "Template.cs(2,96): '7 / (n - 2)': Attempted to divide by zero.")]
    [InlineData("return n * 2000000000;", "Template.cs(2,96): 'n * 2000000000': Arithmetic operation resulted in an overflow.")]
    public void What_only_the_constants_show_has_a_position(string body, string message) => Should.Throw<TemplateException>(() => SpecializedCode.Specialize(
        $"[KernelTemplate] public static unsafe class T {{ public static int F([Constant] int n) {{ {body} }} }}", "T.F", "n=2")).Message.ShouldBe(message);
}
