using System.Diagnostics;
using KernelForge.Generator.ChatTemplates;
using KernelForge.Text;

namespace KernelForge.Cli.Inspection.Templates;

/// <summary>
/// Renders a chat template without compiling it: for a trial rendering, the C# compiler takes a hundred times longer and far more memory than the template.
/// Values and operations are those that compiled templates call, so both render alike.
/// </summary>
internal sealed class TemplateInterpreter
{
    private readonly Dictionary<string, MacroStatement> _macros = new(StringComparer.Ordinal);
    private readonly TemplateScope _globals;
    private readonly ChatWriter _root;
    private readonly TemplateEvaluator _evaluator;

    private TemplateInterpreter(EquatableArray<TemplateStatement> template, ChatWriter output, ChatRequest request)
    {
        foreach (var macro in template.OfType<MacroStatement>())
            _macros.Add(macro.Name, macro);
        _root = output;
        _globals = new TemplateScope(request);
        _evaluator = new TemplateEvaluator(request, _macros, Call);
    }

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    /// <summary>Renders a template that <see cref="ChatTemplateCompiler"/> accepts.</summary>
    /// <exception cref="ChatTemplateException">The template refuses the conversation, computes nonsense or goes beyond its bounds.</exception>
    public static void Render(EquatableArray<TemplateStatement> template, ChatWriter output, ChatRequest request)
    {
        var interpreter = new TemplateInterpreter(template, output, request);
        interpreter.Run(template, interpreter._globals, loop: null, output);
    }

    private Flow Run(EquatableArray<TemplateStatement> body, TemplateScope scope, TemplateLoop? loop, ChatWriter output)
    {
        TemplateEvaluator.CheckStack();
        foreach (var statement in body)
        {
            if (Run(statement, scope, loop, output) is var flow and not Flow.Next)
                return flow;
        }

        return Flow.Next;
    }

    private Flow Run(TemplateStatement statement, TemplateScope scope, TemplateLoop? loop, ChatWriter output)
    {
        switch (statement)
        {
            case TextStatement text:
                output.Write(text.Text);
                return Flow.Next;
            case OutputStatement print:
                output.Write(_evaluator.Evaluate(print.Value, scope, loop));
                return Flow.Next;
            case IfStatement branches:
                foreach (var branch in branches.Branches)
                {
                    if (_evaluator.Evaluate(branch.Condition, scope, loop).IsTrue)
                        return Run(branch.Body, scope, loop, output);
                }

                return Run(branches.Else, scope, loop, output);
            case ForStatement each:
                return RunLoop(each, scope, loop, output);
            case SetStatement { Attribute: { } attribute } set:
                var value = _evaluator.Evaluate(set.Value, scope, loop);
                scope[set.Name].Set(attribute, value);
                return Flow.Next;
            case SetStatement set:
                scope[set.Name] = _evaluator.Evaluate(set.Value, scope, loop);
                return Flow.Next;
            case CaptureStatement capture:
                var captured = output.Capture();
                var flow = Run(capture.Body, new TemplateScope(scope), loop, captured);
                if (flow == Flow.Next)
                    scope[capture.Name] = captured.ToValue();
                return flow;
            case MacroStatement:
                return Flow.Next;
            case JumpStatement jump:
                return jump.IsBreak ? Flow.Break : Flow.Continue;
            default:
                throw new UnreachableException();
        }
    }

    private Flow RunLoop(ForStatement each, TemplateScope scope, TemplateLoop? outer, ChatWriter output)
    {
        var items = _evaluator.Evaluate(each.Items, scope, outer);
        if (each.Filter is { } filter)
            items = items.Where(item => _evaluator.Evaluate(filter, new TemplateScope(scope, name => Target(each, item, name)), outer).IsTrue);
        var loop = new TemplateLoop(output, items);
        while (loop.Next())
        {
            if (Run(each.Body, Bind(each, loop.Item, scope), loop, output) == Flow.Break)
                break;
        }

        return loop.IsEmpty ? Run(each.Else, new TemplateScope(scope), outer, output) : Flow.Next;
    }

    // A filter takes an item apart only where it asks for a part, as compiled code does.
    private static TemplateValue? Target(ForStatement each, TemplateValue item, string name)
    {
        for (var i = 0; i < each.Targets.Count; i++)
        {
            if (each.Targets[i] == name)
                return each.Targets.Count == 1 ? item : item.Part(i, each.Targets.Count);
        }

        return null;
    }

    private static TemplateScope Bind(ForStatement each, TemplateValue item, TemplateScope outer)
    {
        var scope = new TemplateScope(outer);
        for (var i = 0; i < each.Targets.Count; i++)
            scope[each.Targets[i]] = each.Targets.Count == 1 ? item : item.Part(i, each.Targets.Count);
        return scope;
    }

    private TemplateValue Call(MacroStatement macro, TemplateValue[] arguments)
    {
        var scope = new TemplateScope(_globals);
        for (var i = 0; i < arguments.Length; i++)
            scope[macro.Parameters[i].Name] = arguments[i];
        var output = _root.EnterMacro();
        Run(macro.Body, scope, loop: null, output);
        return _root.LeaveMacro(output);
    }
}
