using KernelForge.Generator.Specialization;

namespace KernelForge.Generator.Tests.Specialization;

/// <summary>Each feature of docs/templates.md: what goes in, what comes out, and that it compiles.</summary>
public class LanguageFeatureTests
{
    [Theory]
    [InlineData("n=6", "return x * 6;")]
    [InlineData("n=-2", "return x * -2;")]
    public void Constant_parameters_become_literals(string constants, string expected) =>
        Body("public static int F([Constant] int n, int x) { return x * n; }", constants).ShouldBe(expected);

    [Theory]
    [InlineData("(n * 2) + Unit", "70")]
    [InlineData("n / 2 - 1", "2")]
    [InlineData("n << 3 | 1", "49")]
    [InlineData("n % 4 == 2 && !(n > 9) ? 1 : 2", "1")]
    [InlineData("-n", "-6")]
    [InlineData("~n & 0xF", "9")]
    [InlineData("(int)Layout.Wide + n", "10")]
    [InlineData("sizeof(float) * Simd.Width", "16")]
    [InlineData("n switch { 1 or 2 => 7, > 4 and < 8 => 8, _ => 9 }", "8")]
    [InlineData("n is 5 or 6 ? 3 : 4", "3")]
    [InlineData("Twice(n)", "12")]
    public void Constant_expressions_are_folded(string expression, string expected) => Body(
        $"const int Unit = 58; static int Twice([Constant] int k) => k * 2; public static int F([Constant] int n) {{ return {expression}; }}", "n=6").ShouldBe($"return {expected};");

    [Theory]
    [InlineData("x + n", "x")]
    [InlineData("n + x", "x")]
    [InlineData("x * (n + 1)", "x")]
    [InlineData("(p + n)[x - n]", "p[x]")]
    [InlineData("y + n", "y + 0")]
    [InlineData("(nint)n + x", "(nint)0 + x")]
    public void Neutral_elements_go_where_that_is_exact(string expression, string expected) =>
        Body($"public static float F([Constant] int n, nint x, float y, float* p) {{ return {expression}; }}", "n=0").ShouldBe($"return {expected};");

    [Fact]
    public void A_branch_keeps_the_type_of_the_whole_choice() =>
        Body("public static nint F([Constant] bool b, nint x) { var y = b ? 1 : x; return y; }", "b=true").ShouldBe("var y = (nint)(1);\nreturn y;");

    [Theory]
    [InlineData("true", "x = 1;")]
    [InlineData("false", "x = 2;")]
    public void A_dead_branch_of_an_if_goes(string wide, string live) =>
        Body("public static int F([Constant] bool wide, int x) { if (wide) { x = 1; } else { x = 2; } return x; }", "wide=" + wide).ShouldBe(live + "\nreturn x;");

    [Fact]
    public void An_else_if_on_a_constant_ends_the_chain() => Body(
        "public static int F([Constant] bool wide, int x) { if (x > 3) x = 1; else if (wide) x = 2; else x = 3; return x; }", "wide=true").ShouldBe(
        """
        if (x > 3)
        {
            x = 1;
        }
        else
        {
            x = 2;
        }
        return x;
        """);

    [Theory]
    [InlineData("Narrow", "x = 1;\n")]
    [InlineData("Wide", "x = 2;\n")]
    [InlineData("Layout.Wide", "x = 2;\n")]
    [InlineData("Other", "")]
    public void A_switch_on_an_enum_keeps_its_section(string layout, string live) => Body(
        "public static int F([Constant] Layout l, int x) { switch (l) { case Layout.Narrow: x = 1; break; case Layout.Wide: x = 2; break; } return x; }", "l=" + layout)
        .ShouldBe(live + "return x;");

    [Fact]
    public void A_live_branch_that_declares_keeps_its_braces() =>
        Body("public static int F([Constant] bool b, int x) { if (b) { var t = x + 1; x = t; } return x; }", "b=true").ShouldBe("{\n    var t = x + 1;\n    x = t;\n}\nreturn x;");

    [Fact]
    public void Locals_of_constant_value_disappear() =>
        Body("public static int F([Constant] int n, int x) { var twice = 2 * n; const int three = 3; return x + (twice * three); }", "n=4").ShouldBe("return x + 24;");

    [Fact]
    public void A_local_that_is_written_again_stays() =>
        Body("public static int F([Constant] int n, int x) { var sum = n; sum += x; return sum; }", "n=4").ShouldBe("var sum = 4;\nsum += x;\nreturn sum;");

    [Fact]
    public void Nested_loops_unroll() => Body(
        "public static int F([Constant] int n, int* p) { var sum = 0; foreach (var i in Unroll.Range(n)) foreach (var j in Unroll.Range(i, n)) sum += p[(i * n) + j]; return sum; }", "n=2").ShouldBe(
        """
        var sum = 0;
        sum += p[0];
        sum += p[1];
        sum += p[3];
        return sum;
        """);

    [Fact]
    public void Copies_of_a_body_that_declares_are_blocks() =>
        Body("public static void F(int* p) { foreach (var i in Unroll.Range(2)) { var x = p[i]; p[i] = x * x; } }").ShouldBe(
        """
        {
            var x = p[0];
            p[0] = x * x;
        }
        {
            var x = p[1];
            p[1] = x * x;
        }
        """);

    [Fact]
    public void Comments_stay_once_and_blank_lines_too() => Body(
        """
        public static void F(int* p)
        {
            // First.
            p[0] = 1; // one

            foreach (var i in Unroll.Range(1, 3))
            {
                // Then.
                p[i] = i;
            }
        }
        """).ShouldBe("// First.\np[0] = 1; // one\n\n// Then.\np[1] = 1;\np[2] = 2;");

    [Fact]
    public void A_name_may_be_a_constant_in_one_block_and_a_local_in_the_next() => Body(
        "public static int F(int* p) { foreach (var i in Unroll.Range(1)) p[i] = i; for (var i = 0; i < 3; i++) p[i] = i; { var k = 3; p[0] = k; } { var k = p[1]; p[2] = k; } return 0; }").ShouldBe(
        """
        p[0] = 0;
        for (var i = 0; i < 3; i++)
        {
            p[i] = i;
        }
        p[0] = 3;
        {
            var k = p[1];
            p[2] = k;
        }
        return 0;
        """);

    [Fact]
    public void Names_are_qualified_from_the_root() => Body("public static float F(float x) { return MathF.Sqrt(MathF.Abs(Vector128.Create(x).AsInt32().AsSingle().ToScalar())); }").ShouldBe(
        "return global::System.MathF.Sqrt(global::System.MathF.Abs(global::System.Runtime.Intrinsics.Vector128.ToScalar("
        + "global::System.Runtime.Intrinsics.Vector128.AsSingle(global::System.Runtime.Intrinsics.Vector128.AsInt32(global::System.Runtime.Intrinsics.Vector128.Create(x))))));");

    [Fact]
    public void Loops_and_operators_are_printed_again() => Body(
        "public static int F(int* p, int n) { var s = 0; while (n > 0) { n--; if (p[n] < 0) continue; s += *(p + n); } do { s++; if (s == 4) break; } while (s < 9 && n != 3); return s > 0 ? s : -s; }").ShouldBe(
        """
        var s = 0;
        while (n > 0)
        {
            n--;
            if (p[n] < 0)
            {
                continue;
            }
            s += *(p + n);
        }
        do
        {
            s++;
            if (s == 4)
            {
                break;
            }
        }
        while (s < 9 && n != 3);
        return s > 0 ? s : -s;
        """);

    /// <summary>The body of method F of a template class T, specialised; it must compile.</summary>
    private static string Body(string members, string constants = "")
    {
        var code = SpecializedCode.Specialize($"[KernelTemplate]\npublic static unsafe class T\n{{\n{members}\n}}", "T.F", constants);
        SpecializedCode.CompileMembers(code);
        var lines = code.Split('\n');
        var start = Array.IndexOf(lines, "{");
        return string.Join('\n', lines.Skip(start + 1).TakeWhile(line => line != "}").Select(line => line.Length >= 4 ? line[4..] : line));
    }
}
