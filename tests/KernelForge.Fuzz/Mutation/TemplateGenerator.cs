using System.Text;

namespace KernelForge.Fuzz.Mutation;

/// <summary>Random chat templates that mostly parse, so that their meaning is tried and not only their spelling.</summary>
internal sealed class TemplateGenerator(Random random)
{
    private static readonly string[] Names = ["messages", "m", "x", "y", "ns", "ns.a", "bos_token", "tools", "add_generation_prompt", "other"];
    private static readonly string[] Members = ["role", "content", "a", "first", "items"];
    private static readonly string[] Filters =
    [
        "trim", "length", "count", "upper", "lower", "capitalize", "title", "string", "int", "float", "list", "first", "last", "min", "max", "reverse", "items", "join", "join(',')", "join(x)", "replace('a', 'bb')",
        "replace('a', x)", "default('d')", "default(x, true)", "safe", "tojson", "tojson(indent=4)", "select('defined')", "reject('eq', 1)", "selectattr('role')", "selectattr('role', 'eq', 'user')", "rejectattr('a', 'in', x)", "map(attribute='role')",
    ];
    private static readonly string[] Methods = ["strip()", "lstrip('a')", "rstrip()", "split()", "split('a')", "split('a', 1)", "replace('a', 'b')", "upper()", "title()", "startswith('a')", "endswith(x)", "items()", "keys()", "values()", "get('a')", "get(x, y)"];
    private static readonly string[] Operators = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"];
    private static readonly string[] Tests = ["defined", "undefined", "none", "string", "mapping", "iterable", "sequence", "number", "integer", "boolean", "true", "false", "eq(1)", "ne('a')", "in([1])", "sameas(none)"];
    private static readonly string[] Numbers = ["0", "1", "-1", "2", "3.5", "100", "100000", "1000000000000", "9223372036854775807", "-9223372036854775807", "1e300"];

    private bool _hasMacro;

    /// <summary>A template.</summary>
    public string Next()
    {
        var text = new StringBuilder("{% set x = 'abc' %}{% set y = [1, 'b'] %}{% set ns = namespace(a=1) %}");
        _hasMacro = random.Next(3) == 0;
        if (_hasMacro)
            text.Append("{% macro f(a, b=2) %}").Append(Body(2)).Append("{% endmacro %}");
        return text.Append(Body(3)).ToString();
    }

    private string Body(int depth) => string.Concat(Enumerable.Range(0, 1 + random.Next(4)).Select(_ => Statement(depth)));

    private string Statement(int depth) => random.Next(depth > 0 ? 9 : 4) switch
    {
        0 => " text <|im_end|> ",
        1 => $"{{{{ {Expression(3)} }}}}",
        2 => $"{{% set {Pick("x", "y", "ns.a", "m")} = {Expression(3)} %}}",
        3 => $"{{{{- {Expression(2)} -}}}}",
        4 => $"{{% if {Expression(2)} %}}{Body(depth - 1)}{{% elif {Expression(1)} %}}{Body(depth - 1)}{{% else %}}{Body(depth - 1)}{{% endif %}}",
        5 => $"{{% for m in {Pick("messages", "y", $"range({Pick(Numbers)})", Expression(2))} %}}{{{{ loop.{Pick("index", "index0", "revindex", "first", "last", "length", "previtem", "nextitem")} }}}}{Body(depth - 1)}{Pick("", "", "{% break %}", "{% continue %}")}{{% endfor %}}",
        6 => $"{{% for x, y in {Expression(2)} if {Expression(1)} %}}{Body(depth - 1)}{{% else %}}{Body(depth - 1)}{{% endfor %}}",
        7 => $"{{% set x %}}{Body(depth - 1)}{{% endset %}}",
        _ => "{% for m in range(64) %}{% set ns.a = ns.a " + Pick("~ ns.a", "+ ns.a", "* 3", "~ x") + " %}{% endfor %}{% set x = ns.a %}",
    };

    private string Expression(int depth) => random.Next(depth > 0 ? 16 : 4) switch
    {
        0 => Pick(Names),
        1 => Pick(Numbers),
        2 => Pick("'a'", "'<|im_end|>'", "''", "'\\n'", "\"it's\"", "'\u00e9'"),
        3 => Pick("true", "false", "none", "[]", "{}"),
        4 => $"({Expression(depth - 1)} {Pick(Operators)} {Expression(depth - 1)})",
        5 => $"{Expression(depth - 1)} | {Pick(Filters)}",
        6 => $"({Expression(depth - 1)}).{Pick(Methods)}",
        7 => $"{Expression(depth - 1)} is {Pick("", "not ")}{Pick(Tests)}",
        8 => $"({Expression(depth - 1)}).{Pick(Members)}",
        9 => $"({Expression(depth - 1)})[{Expression(depth - 1)}]",
        10 => $"({Expression(depth - 1)})[{Pick("", Pick(Numbers))}:{Pick("", Pick(Numbers))}{Pick("", ":" + Pick(Numbers))}]",
        11 => $"[{Expression(depth - 1)}, {Expression(depth - 1)}]",
        12 => $"{{'a': {Expression(depth - 1)}, {Expression(depth - 1)}: 1}}",
        13 => $"({Expression(depth - 1)} if {Expression(depth - 1)} else {Expression(depth - 1)})",
        14 => Pick(_hasMacro ? $"f({Expression(depth - 1)})" : "x", $"range({Expression(depth - 1)})", $"dict(a={Expression(depth - 1)})", $"namespace(a={Expression(depth - 1)})", "strftime_now('%d %b %Y')", $"'{Pick(",", "")}'.join({Expression(depth - 1)})", $"raise_exception({Expression(depth - 1)})"),
        _ => $"{Pick("not ", "-", "+")}{Expression(depth - 1)}",
    };

    private string Pick(params string[] choices) => choices[random.Next(choices.Length)];
}
