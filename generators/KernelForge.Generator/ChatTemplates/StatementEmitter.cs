using KernelForge.Language;

namespace KernelForge.Generator.ChatTemplates;

/// <summary>Emits the method that renders a template.</summary>
internal sealed class StatementEmitter
{
    private readonly IdentifierPool _identifiers = new();
    private readonly Dictionary<string, MacroStatement> _macros = [];
    private readonly ExpressionEmitter _expressions;
    private CodeWriter _code = new(2);
    private Scope _scope = null!;
    private string _output = "output";
    private int _branches;

    private StatementEmitter() => _expressions = new ExpressionEmitter(name => _scope.Resolve(name), _macros);

    /// <summary>Emits a template.</summary>
    /// <exception cref="TemplateSyntaxException">It uses something that is not supported.</exception>
    public static string Emit(EquatableArray<TemplateStatement> template)
    {
        var emitter = new StatementEmitter();
        foreach (var macro in template.OfType<MacroStatement>())
        {
            if (emitter._macros.ContainsKey(macro.Name))
                throw new TemplateSyntaxException($"The macro '{macro.Name}' is defined twice; that is not supported.", macro.Offset);
            emitter._macros.Add(macro.Name, macro);
        }

        foreach (var macro in emitter._macros.Values)
            emitter._expressions.NameMacro(macro.Name, emitter._identifiers.Unique(CSharpName.Of(macro.Name)));

        emitter.EmitScope(template);
        var method = new CodeWriter(1);
        method.Line("/// <summary>The model's chat template, compiled from the Jinja text in its file.</summary>");
        method.Line("protected override void RenderChat(global::KernelForge.Text.ChatWriter output, global::KernelForge.Text.ChatRequest request)");
        method.Open();
        method.Append(emitter._code);
        method.Close();
        return method.ToString();
    }

    /// <summary>Emits statements that have variables of their own; declarations that turn out to be needed come first.</summary>
    private void EmitScope(EquatableArray<TemplateStatement> body, Action<Scope>? declare = null)
    {
        var (outerScope, outerCode, outerBranches) = (_scope, _code, _branches);
        _scope = new Scope(outerScope, _identifiers, body);
        _code = new CodeWriter(outerCode.Indentation);
        _branches = 0;
        declare?.Invoke(_scope);
        EmitBody(body);
        foreach (var line in _scope.Prologue)
            outerCode.Line(line);
        outerCode.Append(_code);
        (_scope, _code, _branches) = (outerScope, outerCode, outerBranches);
    }

    private void EmitBody(EquatableArray<TemplateStatement> body)
    {
        foreach (var statement in body)
            EmitStatement(statement);
    }

    private void EmitStatement(TemplateStatement statement)
    {
        switch (statement)
        {
            case TextStatement text:
                _code.Line($"{_output}.Write({CSharpText.Of(text.Text)});");
                break;
            case OutputStatement output:
                _code.Line($"{_output}.Write({_expressions.Emit(output.Value).Text});");
                break;
            case IfStatement branches:
                EmitIf(branches);
                break;
            case ForStatement loop:
                EmitFor(loop);
                break;
            case SetStatement set:
                EmitSet(set);
                break;
            case CaptureStatement capture:
                EmitCapture(capture);
                break;
            case MacroStatement macro when _scope.IsTemplate && _branches == 0:
                EmitMacro(macro);
                break;
            case MacroStatement:
                throw new TemplateSyntaxException("A macro inside of another tag is not supported.", statement.Offset);
            case JumpStatement jump:
                _code.Line(jump.IsBreak ? "break;" : "continue;");
                break;
            default:
                throw new TemplateSyntaxException("This statement is not supported.", statement.Offset);
        }
    }

    private void EmitIf(IfStatement statement)
    {
        _branches++;
        var keyword = "if";
        foreach (var branch in statement.Branches)
        {
            _code.Line($"{keyword} ({_expressions.EmitCondition(branch.Condition).Text})");
            EmitBlock(branch.Body);
            keyword = "else if";
        }

        if (statement.Else.Count > 0)
        {
            _code.Line("else");
            EmitBlock(statement.Else);
        }

        _branches--;
    }

    private void EmitBlock(EquatableArray<TemplateStatement> body)
    {
        _code.Open();
        EmitBody(body);
        _code.Close();
    }

    private void EmitFor(ForStatement statement)
    {
        var items = _expressions.Emit(statement.Items).Text;
        if (statement.Filter is not null)
            items = $"{_expressions.Emit(statement.Items).Receiver()}.Where({FilterOf(statement)})";
        var loop = _identifiers.Unique("loop");
        _code.Line($"var {loop} = new global::KernelForge.Text.TemplateLoop({_output}, {items});");
        _code.Line($"while ({loop}.Next())");
        _code.Open();
        _expressions.EnterLoop(loop);
        EmitScope(statement.Body, scope =>
        {
            for (var i = 0; i < statement.Targets.Count; i++)
            {
                var item = statement.Targets.Count == 1 ? $"{loop}.Item" : $"{loop}.Item.Part({i}, {statement.Targets.Count})";
                _code.Line($"var {scope.Declare(statement.Targets[i])} = {item};");
            }
        });
        _expressions.LeaveLoop();
        _code.Close();
        if (statement.Else.Count > 0)
        {
            // What it sets is its own, as in the loop's body.
            _code.Line($"if ({loop}.IsEmpty)");
            _code.Open();
            EmitScope(statement.Else);
            _code.Close();
        }
    }

    /// <summary>The filter of a loop as a lambda over the item.</summary>
    private string FilterOf(ForStatement statement)
    {
        var outer = _scope;
        _scope = new Scope(outer, _identifiers, default);
        var item = _identifiers.Unique("item");
        for (var i = 0; i < statement.Targets.Count; i++)
            _scope.Alias(statement.Targets[i], statement.Targets.Count == 1 ? item : $"{item}.Part({i}, {statement.Targets.Count})");
        var condition = _expressions.EmitCondition(statement.Filter!).Text;
        _scope = outer;
        return $"{item} => {condition}";
    }

    private void EmitSet(SetStatement statement)
    {
        var value = _expressions.Emit(statement.Value);
        if (statement.Attribute is not null)
            _code.Line($"{_scope.Resolve(statement.Name)}.Set({CSharpText.Of(statement.Attribute)}, {value.Text});");
        else
            Assign(statement.Name, value.Text, value.Type);
    }

    private void EmitCapture(CaptureStatement statement)
    {
        var outer = _output;
        var capture = _identifiers.Unique("output");
        _code.Line($"var {capture} = {outer}.Capture();");
        _output = capture;
        _code.Open();
        EmitScope(statement.Body);
        _code.Close();
        _output = outer;
        Assign(statement.Name, capture + ".ToValue()", CodeType.Value);
    }

    /// <summary>Sets a variable, and declares it where this is the first that the scope has to do with it.</summary>
    private void Assign(string name, string value, CodeType type)
    {
        if (_branches > 0 || !_scope.CanDeclare(name))
            _code.Line($"{_scope.Resolve(name)} = {value};");
        else if (type == CodeType.Value)
            _code.Line($"var {_scope.Declare(name)} = {value};");
        else
            _code.Line($"{Code.ValueType} {_scope.Declare(name)} = {value};");
    }

    private void EmitMacro(MacroStatement statement)
    {
        _expressions.DefineMacro(statement.Name);
        var outer = _output;
        var names = new List<string>();
        var header = _code;
        var body = _code = new CodeWriter(header.Indentation + 1);
        _output = _identifiers.Unique("output");
        body.Line($"var {_output} = {outer}.EnterMacro();");
        _expressions.EnterMacro();
        EmitScope(statement.Body, scope => names.AddRange(statement.Parameters.Select(parameter => scope.Declare(parameter.Name))));
        _expressions.LeaveMacro();
        body.Line($"return {outer}.LeaveMacro({_output});");
        (_output, _code) = (outer, header);

        _code.Line($"{Code.ValueType} {_expressions.MacroName(statement.Name)}({string.Join(", ", names.Select(name => $"{Code.ValueType} {name}"))})");
        _code.Line("{");
        _code.Append(body);
        _code.Line("}");
    }
}
