namespace KernelForge.Formats.Tokenizers;

/// <summary>
/// A nondeterministic automaton with preferences (Thompson 1968, Pike): a state reads a character of a set, looks at the one behind, goes on in up to
/// two ways of which the first is preferred, or ends the match.
/// </summary>
internal sealed class Program
{
    private const int MostStates = 20_000;
    private const int MostNodes = 100_000;

    private readonly List<State> _states = [new State { Kind = StateKind.Match }];
    private readonly HashSet<int> _reached = [];
    private readonly Stack<int> _pending = [];
    private int _nodes;

    private Program()
    {
    }

    internal enum StateKind
    {
        Match,
        Read,
        Look,
        Fork,
    }

    public IReadOnlyList<State> States => _states;

    public int Start { get; private set; }

    /// <summary>Translates an expression.</summary>
    public static Program Of(Node node)
    {
        var program = new Program();
        program.Start = program.Build(node, 0);
        return program;
    }

    /// <summary>States for a node that goes on at <paramref name="next"/>; returns the first of them.</summary>
    private int Build(Node node, int next)
    {
        // Repetitions of nothing need no states, and time all the same.
        if (++_nodes > MostNodes)
            throw new ExpressionException("it repeats too much");
        switch (node)
        {
            case SetNode set:
                return Add(new State { Kind = StateKind.Read, Set = set.Set, Next = next });
            case LookNode look:
                return Add(new State { Kind = StateKind.Look, Set = look.Set, HoldsAtEnd = look.HoldsAtEnd, Next = next });
            case SequenceNode sequence:
                for (var i = sequence.Items.Count - 1; i >= 0; i--)
                    next = Build(sequence.Items[i], next);
                return next;
            case AlternativeNode alternative:
                var first = Build(alternative.Items[^1], next);
                for (var i = alternative.Items.Count - 2; i >= 0; i--)
                    first = Fork(Build(alternative.Items[i], next), first);
                return first;
            case RepeatNode repeat:
                return BuildRepeat(repeat, next);
            default:
                throw new ArgumentException("no such node", nameof(node));
        }
    }

    private int BuildRepeat(RepeatNode repeat, int next)
    {
        if (repeat.IsPossessive)
            CheckPossessive(repeat, next);
        if (repeat.Maximum < 0)
        {
            // The fork is known only when the body that returns to it is built.
            var fork = Add(new State { Kind = StateKind.Fork });
            var body = Build(repeat.Item, fork);
            (_states[fork].Next, _states[fork].Other) = repeat.IsLazy ? (next, body) : (body, next);
            next = fork;
        }
        else
        {
            // Whoever leaves one repetition out leaves all that follow out.
            var behind = next;
            for (var i = repeat.Minimum; i < repeat.Maximum; i++)
            {
                var body = Build(repeat.Item, next);
                next = repeat.IsLazy ? Fork(behind, body) : Fork(body, behind);
            }
        }

        for (var i = 0; i < repeat.Minimum; i++)
            next = Build(repeat.Item, next);
        return next;
    }

    /// <summary>
    /// A possessive repetition gives nothing back. It finds what a greedy one finds if nothing that it takes could begin what follows it, or if what
    /// follows may be nothing; other ones are refused.
    /// </summary>
    private void CheckPossessive(RepeatNode repeat, int next)
    {
        var following = Closure(next);
        if (following.Contains(0))
            return;
        var taken = FirstOf(repeat.Item);
        foreach (var state in following.Select(index => _states[index]).Where(state => state.Kind == StateKind.Read))
        {
            if (taken is null || state.Set.Intersect(taken).Ranges.Count > 0)
                throw new ExpressionException("a possessive quantifier whose characters may begin what follows is not supported");
        }
    }

    private static CharacterSet? FirstOf(Node node) => node is SetNode set ? set.Set : null;

    /// <summary>The states that are reached without a character.</summary>
    private HashSet<int> Closure(int start)
    {
        _reached.Clear();
        _pending.Push(start);
        while (_pending.TryPop(out var index))
        {
            var state = _states[index];
            if (!_reached.Add(index) || state.Kind is not (StateKind.Fork or StateKind.Look))
                continue;
            _pending.Push(state.Next);
            if (state.Kind == StateKind.Fork)
                _pending.Push(state.Other);
        }

        return _reached;
    }

    private int Fork(int preferred, int other) => Add(new State { Kind = StateKind.Fork, Next = preferred, Other = other });

    private int Add(State state)
    {
        if (_states.Count == MostStates)
            throw new ExpressionException($"it needs more than {MostStates:N0} states");
        _states.Add(state);
        return _states.Count - 1;
    }

    internal sealed class State
    {
        public StateKind Kind { get; init; }

        public CharacterSet Set { get; init; } = CharacterSet.Empty;

        public bool HoldsAtEnd { get; init; }

        public int Next { get; set; }

        public int Other { get; set; }
    }
}
