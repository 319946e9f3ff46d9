namespace Conformance;

/// <summary>What was expected of a call's end.</summary>
internal static class Expectation
{
    /// <summary>No, and with that code where one is asked for.</summary>
    public static Outcome Of(Answer answer, int? code = null)
    {
        if (!answer.Refused)
            return Outcome.Bad(answer.ToString());
        return code is null || answer.Code == code ? Outcome.Good(answer.ToString()) : Outcome.Bad($"not code {code}: {answer}");
    }

    /// <summary>Yes.</summary>
    public static Outcome Success(Answer answer) => answer.Succeeded ? Outcome.Good() : Outcome.Bad(answer.ToString());
}
